"""Undoing what an event did to a device: whom to assign again, and whether. Pure.

A user is assigned again only to a record that, read by id this moment, names nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import same


class Restoration(StrEnum):
    """What came of undoing one action on one device."""

    WOULD_RESTORE = "wouldRestore"
    RESTORED = "restored"
    """Graph accepted it, and the record, read back, names the former user."""
    ACCEPTED = "accepted"
    """Graph accepted it; the record does not show it yet."""
    ALREADY_ASSIGNED = "alreadyAssigned"
    """The record names the former user: nothing is sent."""
    NOT_CLEAR_YET = "notClearYet"
    """Graph accepted the unassignment a moment ago and may still carry it out: to be undone when it has."""
    ASSIGNED_TO_SOMEONE_ELSE = "assignedToSomeoneElse"
    NOT_FOUND = "notFound"
    NOT_POSSIBLE = "notPossible"
    """A resource account: there is no call that assigns it again as it was."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """One line of what an undo did: `former` holds the record as it was before the event changed it."""

    former: AutopilotDevice
    action: Action
    result: Restoration
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Restore:
    """Assign the former user: the record, as it was read, is clear."""

    record: AutopilotDevice


@dataclass(frozen=True, slots=True)
class Keep:
    """Send nothing. `mark` tells that the journal is to say that the record is as it was before the event."""

    result: Restoration
    record: AutopilotDevice | None = None
    mark: bool = False


type Decision = Restore | Keep


def undoable(history: History) -> Sequence[Entry]:
    """For each device and action that the event changed, or may have changed, the entry with the record before it."""
    live = history.live()
    posted = (live.last_unassigned(*about) for about in live.subjects())
    return [entry for entry in posted if entry is not None]


def decide(
    former: Entry, record: AutopilotDevice | None, history: History, *, now: datetime, verify_after: timedelta
) -> Decision:
    """Decide about a record read by id this moment (None: Graph has no such record).

    What was accepted less than `verify_after` ago, of either kind, is neither repeated nor taken for done.
    """
    if former.action is not Action.UNASSIGN_USER:
        return Keep(Restoration.NOT_POSSIBLE, record)
    if record is None:
        return Keep(Restoration.NOT_FOUND)
    device = former.device.autopilot_device_id
    undone = history.live().undone(device, former.action)
    current = record.user_principal_name or ""
    if not current.strip():
        asked = undone is not None and undone.step is Step.RESTORED and now - undone.at < verify_after
        return Keep(Restoration.ACCEPTED, record) if asked else Restore(record)
    if not same(current, former.device.user_principal_name):
        return Keep(Restoration.ASSIGNED_TO_SOMEONE_ELSE, record)
    if undone is None and now - former.at < verify_after:
        return Keep(Restoration.NOT_CLEAR_YET, record)
    return Keep(Restoration.ALREADY_ASSIGNED, record, mark=undone is None or undone.step is not Step.RESTORED)
