"""Replaying one dead letter that is locked: claim the replay's id, put the override on record, send, complete.

In this order each step may be the last one, or be done twice: a replay made again has the same id and the same run, so the queue
drops it, or the journal answers it with the end that it had. Knows no order of several.
"""

import secrets
from dataclasses import replace
from typing import Protocol

from cli.dlq import planning
from cli.dlq.claiming import Claims, NotClaimed
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


class Outbox(Protocol):
    """What replaying needs of a dead-letter queue; see shared.servicebus.dead_letter_queue."""

    async def send(self, replay: Replay) -> None:
        """Send a replay. Raises DeadLettersUnreachable; it may have arrived nevertheless."""
        ...

    async def complete(self, dead_letter: DeadLettered) -> None:
        """Remove a dead letter that is locked. Raises SettlementFailed."""
        ...


class Replaying:
    """Replays dead letters as one operator wishes. Raises JournalUnavailable: nothing is sent that is not on record."""

    def __init__(self, outbox: Outbox, journal: ports.Journal, clock: ports.Clock, wish: Wish) -> None:
        self._outbox = outbox
        self._journal = journal
        self._claims = Claims(journal)
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
        except NotClaimed as error:
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
        """The run and id of this replay. Raises NotClaimed."""
        fingerprint = replays.fingerprint(dead.letter.message, body=self._wish.body, overridden=self._wish.override)

        def act(run: int, replay_id: str) -> Act:
            return self._act(dead.claims_id, ActKind.REPLAY, replay_id, run, fingerprint)

        return await self._claims.take(dead, self._sent(dead).record_id, act)

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
    """What replaying would come to, as far as can be told without the journal: not which run it would be."""
    about = planning.about(dead, wish)
    refused = planning.objection(dead, wish)
    if refused:
        return Result(letter=dead.letter, what=What.REFUSED, detail=refused, about=about)
    return Result(letter=dead.letter, what=What.WOULD_REPLAY, detail=planning.warning(dead, wish), about=about)
