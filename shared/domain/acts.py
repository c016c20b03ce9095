"""What operators do: an override, a replay, a discarded dead letter, an unassignment, an undo. Each is a row of the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.identifiers import EventId

AT_A_TERMINAL: Final = "terminal-"
"""How the event id begins that is made for what an operator unassigns without an event."""


class ActKind(StrEnum):
    """What an operator did."""

    OVERRIDE = "override"
    """Released the guards for one run of one event."""
    REPLAY = "replay"
    """Sent a dead-lettered message again, as a run of its own."""
    DISCARD = "discard"
    """Removed a dead letter that is not to be handled any more."""
    UNASSIGN = "unassign"
    """Unassigned devices at a terminal, without an event; the event id is one made for the act."""
    UNDO = "undo"
    """Asked for the former users of its devices to be assigned again; what came of each device is in the history."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act, at `at` (UTC), about run `run` of the event. `act_id` tells acts of one kind about one event apart.

    `operator` is whoever did it, in their own words, and `reason` why. For an override, `act_id` is what the replayed message
    carries, `run` the run that it releases, and `fingerprint` that of the event's contents. For a replay, `act_id` is the new
    message's id, and `fingerprint` tells what it was made of, so that the same replay can be told from another under the same id.
    """

    event_id: EventId
    kind: ActKind
    act_id: str
    run: int
    operator: str
    reason: str
    at: datetime
    fingerprint: str = ""


def released(acts: Iterable[Act], *, override: str | None, run: int, fingerprint: str) -> bool:
    """Whether an operator released the guards for this run of an event with these contents.

    `override` is what its message carries, which anybody may copy or make up. `acts` are those of the event itself, so the
    override of another event releases nothing, nor does one that was given for other contents.
    """
    return any(
        (act.kind, act.act_id, act.run, act.fingerprint) == (ActKind.OVERRIDE, override, run, fingerprint)
        for act in acts
    )
