"""What became of each device: the outcomes, their order of badness, and the report that the outcome event carries."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId


class Outcome(StrEnum):
    """The outcome of one action on one device, or of a whole message."""

    FAILED = "failed"
    UNVERIFIED = "unverified"
    """Accepted by Graph, and the record still names the one whom it should not."""
    ASSIGNED_TO_SOMEONE_ELSE = "assignedToSomeoneElse"
    NOT_FOUND = "notFound"
    WOULD_UNASSIGN = "wouldUnassign"
    UNASSIGNED = "unassigned"
    ALREADY_UNASSIGNED = "alreadyUnassigned"
    VERIFIED = "verified"
    """Read back after a while: the record no longer names the one whom the event is about."""
    NO_DEVICES = "noDevices"
    """Of a message only: no device was found, which is a success."""


class Detail(StrEnum):
    """Why an outcome is what it is, where the outcome alone would puzzle its reader."""

    RESPONSE_LOST = "responseLost"
    """Found clear after a POST of ours whose answer never came."""
    NAME_REUSED = "userPrincipalNameReused"
    """The record names the leaver's former user principal name, which somebody else holds now."""
    OTHER_RESOURCE_ACCOUNT = "otherResourceAccount"
    """The record holds another resource account than the event names."""
    KEY_CHANGED = "keyChanged"
    """The list had the record under the event's key; read by id, it no longer has that key."""
    REASSIGNED_SINCE = "reassignedSince"
    """This event unassigned it; somebody else has been assigned since, and is left alone."""
    UNDONE = "undone"
    """This event unassigned it; an operator has assigned the former user again since, which is left alone."""
    APPEARED_SINCE = "appearedSince"
    """The event found no such device; the record that is there now names somebody whom the event never knew."""
    ASSIGNED_AFTER_THE_EVENT = "assignedAfterTheEvent"
    """The record names the one whom the event is about, but was assigned to them after the event, as after a rehire."""
    ANSWER_LOST = "answerLost"
    """Of a failed one: a request of ours may have been sent, its answer was lost, and the record could not be read since."""
    NOT_REACHED = "notReached"
    """Of a failed one: an earlier attempt saw the record, the last one did not get to it."""


_WORST_FIRST: Final = tuple(Outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceReport:
    """One line of the report: a device, the action, what came of it, and how the record was before.

    `before` is None when the record was never seen. `detail` is a Detail, or an error's text for a failed one. `confirmed`
    tells that the record was read back and found not to name the one whom the event is about.
    """

    autopilot_device_id: AutopilotDeviceId
    action: Action
    outcome: Outcome
    detail: str | None = None
    before: AutopilotDevice | None = None
    confirmed: bool = False


def worst(reports: Iterable[DeviceReport]) -> Outcome:
    """The outcome of a message: the worst of its devices', or noDevices where there is none."""
    return min((report.outcome for report in reports), key=_WORST_FIRST.index, default=Outcome.NO_DEVICES)


def worst_first(reports: Iterable[DeviceReport]) -> list[DeviceReport]:
    """The reports in the order in which a reader should see them."""
    return sorted(reports, key=lambda report: (_WORST_FIRST.index(report.outcome), report.autopilot_device_id))
