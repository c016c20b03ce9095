"""What happens to one message: decode, handle, decide, report, settle. The only place that logs a failure.

The order keeps the first rule: the next thing is made durable, then the message is settled; a copy is scheduled, then the
original completed. Whatever breaks in between comes back, and finds in the journal what was done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import assert_never

from shared import message_log, ports, telemetry
from shared.concluding import Conclusions
from shared.domain import errors, events, plan
from shared.following_up import FollowUps
from shared.messaging import copies, incoming, recoverability, settlement
from shared.messaging.incoming import IncomingMessage, TriggerMessage
from shared.progress import VERIFICATION, Progress, now
from shared.running import Runs
from shared.verifying import Verifications

type Attempt = Callable[[Progress], Awaitable[settlement.Settlement]]


async def _nothing() -> None:
    """There is nothing to close, nobody to tell, nothing to clean up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queues:
    """The names of the queues that messages come from."""

    user_offboarding: str
    device_retirement: str
    verification: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """Handles the messages of the three queues. `jitter` draws from [0, 1).

    `close` closes what the adapters have open, for a host that ends in order; Azure just ends the process. `heartbeat` is
    called by a timer, `clean_up` where no message waits for it; it raises nothing.
    """

    runs: Runs
    verifications: Verifications
    conclusions: Conclusions
    follow_ups: FollowUps
    settler: ports.Settler
    clock: ports.Clock
    jitter: Callable[[], float]
    policy: recoverability.Policy
    dry_run: bool
    queues: Queues
    close: Callable[[], Awaitable[None]] = _nothing
    heartbeat: Callable[[], Awaitable[None]] = _nothing
    clean_up: Callable[[], Awaitable[None]] = _nothing

    async def user_offboarding(self, message: TriggerMessage) -> None:
        """Handle one delivery from the queue of `user.offboarded`; returns when it is settled, or left to come back."""
        await self._process(message, self.queues.user_offboarding, events.UserOffboarded.TYPE, self.runs.attempt)

    async def device_retirement(self, message: TriggerMessage) -> None:
        """Handle one delivery from the queue of `device.retired`; returns when it is settled, or left to come back."""
        await self._process(message, self.queues.device_retirement, events.DeviceRetired.TYPE, self.runs.attempt)

    async def verification(self, message: TriggerMessage) -> None:
        """Handle one delivery from our own queue of verifications; returns when it is settled, or left to come back."""
        await self._process(message, self.queues.verification, VERIFICATION, self.verifications.attempt)
        await self.clean_up()  # settled by now: nothing waits holding a lock

    async def _process(self, trigger: TriggerMessage, queue: str, event_type: str, attempt: Attempt) -> None:
        message = incoming.read(trigger, queue=queue, now=self.clock.now())
        with telemetry.message(message, clock=self.clock):
            decision = await self._decide(Progress.begin(message, event_type, dry_run=self.dry_run), attempt)
            try:
                await self._apply(message, decision)
            except ports.SettlementFailed as error:
                # Unsettled, it comes back when its lock expires, and is known by its journal.
                message_log.not_settled(message, error, lock_lost=error.lock_lost)
            else:
                message_log.settled(message, decision)
                telemetry.settled(message, decision)

    async def _decide(self, progress: Progress, attempt: Attempt) -> settlement.Settlement:
        try:
            return await attempt(progress)
        except Exception as error:  # noqa: BLE001 - this is the place where every failure is decided about
            return await self._after(error, progress)

    async def _after(self, error: Exception, progress: Progress) -> settlement.Settlement:
        """The settlement after a failure. A dead letter is reported like any other end; if that fails, it waits too."""
        decision = self._recover(error, progress.message)
        if not isinstance(decision, settlement.DeadLetter):
            return decision
        if isinstance(error, errors.InvalidMessage):
            progress.forget_the_event()
        elif not progress.reports and not progress.dry_run:
            progress.reports = plan.last_known(progress.history.live())
        try:
            await self.follow_ups.after_a_run(progress, decision)
            return await self.conclusions.conclude(progress, decision)
        except Exception as unreported:  # noqa: BLE001 - decided about like any other failure
            fallback = self._recover(unreported, progress.message)
            return decision if isinstance(fallback, settlement.DeadLetter) else fallback

    def _recover(self, error: Exception, message: IncomingMessage) -> settlement.Settlement:
        moment, jitter = self.clock.now(), self.jitter()
        decision = recoverability.decide(error, message, self.policy, now=moment, jitter=jitter)
        message_log.failed(message, error)
        telemetry.failed(message, error)
        return decision

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        match decision:
            case settlement.DelayedRetry() | settlement.PutOff():
                await self.settler.schedule(copies.schedule(message, decision, now=now(self.clock, message)))
                await self.settler.settle(message, settlement.Complete())
            case settlement.Complete() | settlement.Abandon() | settlement.DeadLetter():
                await self.settler.settle(message, decision)
            case _:
                assert_never(decision)
