"""How one event's run ended, as the journal keeps it: enough to report and settle again exactly as the first time."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Final, assert_never

from shared.domain import events
from shared.domain.identifiers import EventId, folded
from shared.messaging import settlement

_OF_A_BODY: Final = "body-"
_OF_A_VERIFICATION: Final = "verify-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Conclusion:
    """The final outcome of one run of an event, written once, before it is published.

    `fingerprint` tells contents apart that share an event id; `document` is the outcome event as JSON text.
    """

    event_id: EventId
    run: int
    dry_run: bool
    fingerprint: str
    settlement: settlement.LastSettlement
    document: str
    at: datetime

    @property
    def of_a_body(self) -> bool:
        """Whether this ended a body that was no event; its event id is then only the message id, and used up by nobody."""
        return self.fingerprint.startswith(_OF_A_BODY)

    @property
    def of_a_verification(self) -> bool:
        """Whether this ended the verification of the run, and not the run itself."""
        return self.fingerprint.startswith(_OF_A_VERIFICATION)

    @property
    def ticket(self) -> str | None:
        """The sender's reference, as the outcome event returns it; None if there is none to be read."""
        return self._told("ticket")

    @property
    def outcome(self) -> str | None:
        """The outcome, as the outcome event tells it; None if there is none to be read."""
        return self._told("outcome")

    def _told(self, name: str) -> str | None:
        try:
            value = json.loads(self.document)["data"][name]
        except (ValueError, KeyError, TypeError):
            return None
        return value if isinstance(value, str) else None


def fingerprint(event: events.Event) -> str:
    """A hash of whom or what an event is about, what it asks and for when; not of why. The same for a true duplicate."""
    when = [moment.isoformat() if moment else "" for moment in (event.request.occurred_at, event.request.effective_at)]
    match event:
        case events.UserOffboarded():
            names = (event.user_principal_name or "", *event.previous_user_principal_names)
            parts = [event.TYPE, event.user_object_id or "", *names]
        case events.DeviceRetired():
            parts = [
                event.TYPE,
                repr(event.device),
                event.assigned_user_principal_name or "",
                *event.actions,
                event.resource_account_name or "",
            ]
        case _:
            assert_never(event)
    return _hash("\0".join(map(folded, [*parts, *when])).encode())


def fingerprint_of_verification(event: events.Event, *, replay: int) -> str:
    """A hash that stands for the verification of an event's run, by the verification's own replays."""
    return f"{_OF_A_VERIFICATION}{replay}-{fingerprint(event)}"


def fingerprint_of_body(body: bytes) -> str:
    """A hash that stands for a body which is no event."""
    return _OF_A_BODY + _hash(body)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
