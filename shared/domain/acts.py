"""What operators do about an event: an override, a replay, a discarded dead letter. Each is a row of the journal."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from shared.domain.identifiers import EventId


class ActKind(StrEnum):
    """What an operator did."""

    OVERRIDE = "override"
    """Released the guards for one run of one event."""
    REPLAY = "replay"
    """Sent a dead-lettered message again, as a run of its own."""
    DISCARD = "discard"
    """Removed a dead letter that is not to be handled any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act, at `at` (UTC), about run `run` of the event. `act_id` tells acts of one kind about one event apart.

    `operator` is whoever did it, in their own words, and `reason` why. For an override, `act_id` is what the replayed message
    carries, and `run` the run that it releases.
    """

    event_id: EventId
    kind: ActKind
    act_id: str
    run: int
    operator: str
    reason: str
    at: datetime
