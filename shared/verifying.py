"""One look at what a run of an event did: Graph's answer to the request was no proof that the record is clear.

Ends in `verified`; or schedules the next look; or, after the last one, says that the unassignment is not confirmed.
"""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from shared import concluding, message_log, ports
from shared.concluding import Conclusions
from shared.domain import errors
from shared.domain.report import DeviceReport, Outcome
from shared.following_up import FollowUps
from shared.handlers import Handlers
from shared.keyed_locks import KeyedLocks
from shared.messaging import conclusion, settlement, verification
from shared.messaging.verification import Verification
from shared.progress import Progress, in_hand_elsewhere, now, put_off_to_its_slot

_NOT_CONFIRMED = (Outcome.UNASSIGNED, Outcome.UNVERIFIED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verifications:
    """Verifies runs. At most `attempts` looks at one run, the last of which changes nothing; with `dry_run` none does.

    Nor does one that comes more than `message_max_age` after the run's end: the leaver may be back, with the same device.
    A run that has not ended is waited for, as long as `give_up_after`.
    """

    handlers: Handlers
    journal: ports.Journal
    conclusions: Conclusions
    follow_ups: FollowUps
    clock: ports.Clock
    attempts: int
    dry_run: bool
    give_up_after: timedelta
    message_max_age: timedelta
    in_hand: KeyedLocks = field(default_factory=KeyedLocks)

    async def attempt(self, progress: Progress) -> settlement.Settlement:
        """Handle one delivery. Raises whatever goes wrong, for the processor to decide about."""
        look = verification.read(progress.message)
        progress.verifies(verification.event(progress.message, look), look)
        message_log.to_verify(progress.message, event_id=progress.request.event_id, number=look.number)
        if self.in_hand.held(progress.journal_id):
            return in_hand_elsewhere(self.clock, progress.message)
        async with self.in_hand.hold(progress.journal_id):
            return await self._look(look, progress)

    async def _look(self, look: Verification, progress: Progress) -> settlement.Settlement:
        record = await self.journal.read(progress.journal_id)
        repeated = await self.conclusions.repeat(record, progress)
        progress.history = record.history
        if repeated is not None:
            return repeated
        ended = concluding.of_the_verified_run(record, progress)
        if ended is None and self.clock.now() - progress.message.first_enqueued_at < self.give_up_after:
            until = now(self.clock, progress.message) + self.follow_ups.verify_after
            return settlement.PutOff(until, settlement.PutOffReason.NOT_YET_CONCLUDED)
        last = look.number >= self.attempts
        try:
            await self._verify(progress, record, look, ended)
        except ports.NoPermitYet as wait:
            return put_off_to_its_slot(wait, self.clock, progress.message)
        if ended is None and not progress.reports:
            raise errors.UnassignmentNotConfirmed("the run has not ended, and there is nothing of it to verify")
        open_ones = [line for line in progress.reports if line.outcome in _NOT_CONFIRMED and not line.confirmed]
        if not open_ones:
            return await self.conclusions.conclude(progress, settlement.Complete())
        if not last:
            await self.follow_ups.again(progress, look)
            return settlement.Complete()
        progress.reports = [_not_confirmed(line) for line in progress.reports]
        raise errors.UnassignmentNotConfirmed(
            f"{len(open_ones)} of {len(progress.reports)} devices are not confirmed after {look.number} looks"
        )

    async def _verify(
        self, progress: Progress, record: ports.Record, look: Verification, ended: conclusion.Conclusion | None
    ) -> None:
        if progress.event is None:
            raise ValueError("there is nothing to verify before the event is known")
        run, completed = progress.as_run(record), _completed(ended)
        too_old = self.clock.now() - (run.event_at if ended is None else ended.at) > self.message_max_age
        handled = await self.handlers.verify_unassignment(
            progress.event,
            run,
            search=completed and look.number == 1,
            only_changed=not completed,
            act=look.number < self.attempts and not self.dry_run and not too_old,
        )
        progress.reports = list(handled.reports)
        if handled.failure is not None:
            raise handled.failure


def _completed(ended: conclusion.Conclusion | None) -> bool:
    return ended is not None and isinstance(ended.settlement, settlement.Complete)


def _not_confirmed(line: DeviceReport) -> DeviceReport:
    waits = line.outcome is Outcome.UNASSIGNED and not line.confirmed
    return replace(line, outcome=Outcome.UNVERIFIED) if waits else line
