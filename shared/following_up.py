"""The looks that follow a run: the message that will verify it is made durable before the run ends.

Knows the queue of verifications and how long to wait; nothing of what a verification does.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from shared import ports
from shared.domain.errors import VerificationNotScheduled
from shared.messaging import verification
from shared.messaging.settlement import DeadLetter, LastSettlement
from shared.messaging.verification import Verification
from shared.progress import Progress, now

_LONGEST_WAIT: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowUps:
    """Schedules verifications: the first one `verify_after` the run, each later one after twice the wait before it."""

    settler: ports.Settler
    clock: ports.Clock
    queue: str
    verify_after: timedelta

    async def after_a_run(self, progress: Progress, decision: LastSettlement) -> None:
        """Schedule the first look at what a live run found or changed. Raises VerificationNotScheduled.

        A run that is dead-lettered is looked at where it may have changed something itself: the rest an operator must see to first.
        """
        if progress.event is None or progress.verification is not None or progress.dry_run:
            return
        if isinstance(decision, DeadLetter) and not progress.changed_in_this_run():
            return
        first = Verification(event_type=progress.event_type, run=progress.run, number=1, arrived_at=progress.arrived_at)
        await self._schedule(progress, first)

    async def again(self, progress: Progress, looked: Verification) -> None:
        """Schedule the look after this one. Raises VerificationNotScheduled."""
        await self._schedule(progress, replace(looked, number=looked.number + 1))

    async def _schedule(self, progress: Progress, look: Verification) -> None:
        if progress.event is None:
            raise ValueError("there is nothing to verify before the event is known")
        wait = min(self.verify_after * float(2 ** (look.number - 1)), _LONGEST_WAIT)
        at = now(self.clock, progress.message) + wait
        copy = verification.schedule(progress.event, look, queue=self.queue, at=at, after=progress.message)
        try:
            await self.settler.schedule(copy)
        except ports.SettlementFailed as error:
            raise VerificationNotScheduled(str(error)) from error
