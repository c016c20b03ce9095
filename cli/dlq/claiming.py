"""Which run and id a replay takes, so that it can be told from every other and made once: the journal knows.

Knows the journal's records of messages and of events; sends nothing. See docs/decisions/0010.
"""

import itertools
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from cli.dlq.understanding import Understood
from shared import ports
from shared.domain.acts import Act, ActKind
from shared.domain.identifiers import EventId
from shared.messaging import replays

type Claim = Callable[[int, str], Act]
"""The act that claims this run and id for a replay."""
_MOST_IDS_TAKEN: Final = 100


class NotClaimed(Exception):
    """The replay may not be sent: the text says why, with the mend."""


class ClaimedOtherwise(NotClaimed):
    """A replay of this message was begun with another body, or another override, and may have been sent."""

    def __init__(self, earlier: Act) -> None:
        super().__init__(
            f"its replay {earlier.act_id} was begun at {earlier.at:%Y-%m-%dT%H:%M:%SZ} by {earlier.operator} with another body or "
            "override, and may have been sent: give the same again to finish it, or see what became of it and discard this one"
        )


class AllTaken(NotClaimed):
    """More replays of the event are on record than anybody makes."""

    def __init__(self, last: str) -> None:
        super().__init__(f"every replay up to {last} is taken: see `offboard status`, and discard this one")


class Claims:
    """Takes runs and ids for replays. Raises JournalUnavailable."""

    def __init__(self, journal: ports.Journal) -> None:
        self._journal = journal

    async def take(self, dead: Understood, record_id: EventId, claim: Claim) -> tuple[int, str]:
        """The run and id of the replay that was begun of this message, or else the next that are no other's.

        `record_id` is the event's that is sent. Under one id, the queue would drop the second in silence; in one run, two messages
        of an event would share one end, of which one may have been released and the other not. Raises NotClaimed.
        """
        ids = itertools.islice(replays.ids(dead.letter.message, of_a_look=dead.is_verification), _MOST_IDS_TAKEN)
        claims = [claim(*each) for each in ids]
        taken, ended_before = await self._of_the_event(dead, record_id)
        begun = await self._begun(dead, claims[0].fingerprint)
        for act in claims:
            if act.act_id in begun and act.run not in ended_before:
                return _the_same(begun[act.act_id], act)
        for act in claims:
            if act.run not in taken:
                earlier = await self._journal.note(act)
                if replays.of_the_same_message(earlier.fingerprint, act.fingerprint):
                    return _the_same(earlier, act)
        raise AllTaken(claims[-1].act_id)

    async def _begun(self, dead: Understood, fingerprint: str) -> Mapping[str, Act]:
        """The replays that were begun of this very message, by their ids."""
        record = await self._journal.read(dead.claims_id)
        return {
            act.act_id: act
            for act in record.acts
            if act.kind is ActKind.REPLAY and replays.of_the_same_message(act.fingerprint, fingerprint)
        }

    async def _of_the_event(self, dead: Understood, record_id: EventId) -> tuple[AbstractSet[int], AbstractSet[int]]:
        """The runs of the event that something is on record of, and those of them that ended before the message came.

        What came after that is the event sent again, and is no replay to finish. None of a verification, whose replays are no runs.
        """
        if dead.is_verification:
            return frozenset(), frozenset()
        record = await self._journal.read(record_id)
        ends = [end for end in record.conclusions if not end.of_a_verification]
        replayed = (act.run for act in record.acts if act.kind is ActKind.REPLAY)
        came_at = dead.letter.message.first_enqueued_at
        taken = {*replayed, *(end.run for end in ends), *(entry.run for entry in record.history.entries)}
        return taken, {end.run for end in ends if end.at < came_at}


def _the_same(earlier: Act, act: Act) -> tuple[int, str]:
    """The run and id of a replay that was begun with the same body and override. Raises ClaimedOtherwise for any other."""
    if earlier.fingerprint != act.fingerprint:
        raise ClaimedOtherwise(earlier)
    return act.run, act.act_id
