"""Replaying one dead letter that is locked: claim the replay's id, put the override on record, send, complete.

In this order each step may be the last one, or be done twice: a replay made again has the same id and the same run, so the queue
drops it, or the journal answers it with the end that it had. Knows no order of several.
"""

import itertools
import secrets
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, Protocol

from cli.dlq import planning
from cli.dlq.planning import Wish
from cli.dlq.results import Result, What
from cli.dlq.understanding import Understood
from shared import ports
from shared.domain.acts import Act, ActKind
from shared.domain.identifiers import EventId
from shared.messaging import conclusion, replays
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.replays import Replay
from shared.servicebus.dead_letter_queue import DeadLettersUnreachable

_MOST_IDS_TAKEN: Final = 100


class Outbox(Protocol):
    """What replaying needs of a dead-letter queue; see shared.servicebus.dead_letter_queue."""

    async def send(self, replay: Replay) -> None:
        """Send a replay. Raises DeadLettersUnreachable; it may have arrived nevertheless."""
        ...

    async def complete(self, dead_letter: DeadLettered) -> None:
        """Remove a dead letter that is locked. Raises SettlementFailed."""
        ...


class ClaimedOtherwise(Exception):
    """A replay of this message was begun with another body, or another override, and may have been sent."""

    def __init__(self, earlier: Act) -> None:
        super().__init__(
            f"its replay {earlier.act_id} was begun at {earlier.at:%Y-%m-%dT%H:%M:%SZ} by {earlier.operator} with another body or "
            "override, and may have been sent: give the same again to finish it, or see what became of it and discard this one"
        )


class Replaying:
    """Replays dead letters as one operator wishes. Raises JournalUnavailable: nothing is sent that is not on record."""

    def __init__(self, outbox: Outbox, journal: ports.Journal, clock: ports.Clock, wish: Wish) -> None:
        self._outbox = outbox
        self._journal = journal
        self._clock = clock
        self._wish = wish

    async def replay(self, dead: Understood) -> Result:
        """Replay one dead letter. What fails after its id was claimed is finished by doing it again."""
        return replace(await self._replay(dead), about=planning.about(dead, self._wish))

    async def _replay(self, dead: Understood) -> Result:
        letter = dead.letter
        refused = planning.objection(dead, self._wish)
        if refused:
            return Result(letter=letter, what=What.REFUSED, detail=refused)
        try:
            run, replay_id = await self._claim(dead)
        except ClaimedOtherwise as error:
            return Result(letter=letter, what=What.REFUSED, detail=str(error))
        override = await self._record(dead, run, replay_id)
        replay = replays.of(
            letter.message, run=run, body=self._wish.body, override=override, of_a_look=dead.is_verification
        )
        try:
            await self._outbox.send(replay)
            await self._outbox.complete(letter)
        except (DeadLettersUnreachable, ports.SettlementFailed) as error:
            return Result(
                letter=letter,
                what=What.FAILED,
                replay=run,
                replay_id=replay_id,
                detail=f"{error}: replay it again to finish it; it takes effect once",
                unreachable=str(error) if isinstance(error, DeadLettersUnreachable) else None,
            )
        event_id = self._sent(dead).event_id
        return Result(letter=letter, what=What.REPLAYED, replay=run, replay_id=replay_id, event_id=event_id)

    async def _claim(self, dead: Understood) -> tuple[int, str]:
        """The next run and id that no other message's replay has: under one id, the queue would drop the second in silence.

        Under one run, two messages of an event would share one end: with an override, or without.
        """
        fingerprint = replays.fingerprint(dead.letter.message, body=self._wish.body, overridden=self._wish.override)
        replayed = await self._replayed(dead)
        ids = replays.ids(dead.letter.message, of_a_look=dead.is_verification)
        free = ((run, replay_id) for run, replay_id in ids if not replayed[run] or replay_id in replayed[run])
        for run, replay_id in itertools.islice(free, _MOST_IDS_TAKEN):
            act = self._act(dead.claims_id, ActKind.REPLAY, replay_id, run, fingerprint)
            earlier = await self._journal.note(act)
            if earlier.fingerprint == fingerprint:
                return run, replay_id
            if replays.of_the_same_message(earlier.fingerprint, fingerprint):
                raise ClaimedOtherwise(earlier)
        raise ClaimedOtherwise(earlier)

    async def _replayed(self, dead: Understood) -> Mapping[int, Collection[str]]:
        """The replays on record of the event, by run; none of a verification, whose replays are no runs of the event."""
        ids = defaultdict[int, set[str]](set)
        if not dead.is_verification:
            record = await self._journal.read(self._sent(dead).record_id)
            for act in record.acts:
                if act.kind is ActKind.REPLAY:
                    ids[act.run].add(act.act_id)
        return ids

    async def _record(self, dead: Understood, run: int, replay_id: str) -> str | None:
        """Tell the journal of the event what is done about it; the id of the override, if there is one."""
        run = dead.run_of_event(run)
        sent = self._sent(dead)
        for record_id in dict.fromkeys((dead.record_id, sent.record_id)):
            await self._journal.note(self._act(record_id, ActKind.REPLAY, replay_id, run))
        if not self._wish.override:
            return None
        override = secrets.token_urlsafe(16)
        contents = "" if sent.event is None else conclusion.fingerprint(sent.event)
        await self._journal.note(self._act(sent.record_id, ActKind.OVERRIDE, override, run, contents))
        return override

    def _sent(self, dead: Understood) -> Understood:
        return dead if self._wish.body is None else dead.with_body(self._wish.body)

    def _act(self, record_id: EventId, kind: ActKind, act_id: str, run: int, fingerprint: str = "") -> Act:
        return Act(
            event_id=record_id,
            kind=kind,
            act_id=act_id,
            run=run,
            operator=self._wish.operator,
            reason=self._wish.because,
            at=self._clock.now(),
            fingerprint=fingerprint,
        )


def would(dead: Understood, wish: Wish) -> Result:
    """What replaying would come to, as far as can be told without the journal."""
    about = planning.about(dead, wish)
    refused = planning.objection(dead, wish)
    if refused:
        return Result(letter=dead.letter, what=What.REFUSED, detail=refused, about=about)
    run, replay_id = next(replays.ids(dead.letter.message, of_a_look=dead.is_verification))
    detail = planning.warning(dead, wish)
    return Result(
        letter=dead.letter, what=What.WOULD_REPLAY, replay=run, replay_id=replay_id, detail=detail, about=about
    )
