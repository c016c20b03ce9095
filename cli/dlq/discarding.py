"""Discarding one dead letter that is locked: on record first, with who and why, then gone."""

from cli.dlq import understanding
from cli.dlq.replaying import Outbox
from cli.dlq.results import Result, What
from cli.dlq.understanding import Understood
from shared import ports
from shared.domain.acts import Act, ActKind


class Discarding:
    """Discards dead letters as one operator wishes. Raises JournalUnavailable: nothing goes that is not on record."""

    def __init__(
        self, outbox: Outbox, journal: ports.Journal, clock: ports.Clock, *, operator: str, because: str
    ) -> None:
        self._outbox = outbox
        self._journal = journal
        self._clock = clock
        self._operator = operator
        self._because = because

    async def discard(self, dead: Understood) -> Result:
        """Discard one dead letter. Done again, it is on record once."""
        letter, about = dead.letter, understanding.subject(dead)
        await self._journal.note(
            Act(
                event_id=dead.record_id,
                kind=ActKind.DISCARD,
                act_id=f"{letter.message.message_id}#{letter.sequence_number}",
                run=dead.run_of_event(letter.message.run),
                operator=self._operator,
                reason=self._because,
                at=self._clock.now(),
            )
        )
        try:
            await self._outbox.complete(letter)
        except ports.SettlementFailed as error:
            return Result(letter=letter, what=What.FAILED, detail=f"{error}: discard it again", about=about)
        return Result(letter=letter, what=What.DISCARDED, about=about)
