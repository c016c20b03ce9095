"""What happens to one message: decode, handle, decide, report, settle. The only place that logs a failure.

The order keeps the first rule: the final outcome is journalled, then published, then the message is settled; a copy is
scheduled, then the original completed. Whatever breaks in between comes back, and finds in the journal what was done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, assert_never

from shared import message_log, ports
from shared.concluding import Conclusions, Progress
from shared.domain import errors, events, plan
from shared.handlers import Handled, Handlers
from shared.keyed_locks import KeyedLocks
from shared.messaging import contract, copies, incoming, recoverability, settlement
from shared.messaging.incoming import IncomingMessage, TriggerMessage
from shared.unassigning import Run

SAME_EVENT_WAIT: Final = timedelta(seconds=5)
"""How long a second delivery of an event that is in hand here is put off."""


async def _nothing_open() -> None:
    """There is nothing to close."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """The settings that the processor itself goes by."""

    dry_run: bool
    message_max_age: timedelta
    recoverability: recoverability.Policy


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    """Handles the messages of the two queues. `jitter` draws from [0, 1); `pseudonym` hashes an identity for the log.

    `close` closes what the adapters have open, for a host that ends in order; Azure just ends the process.
    """

    handlers: Handlers
    journal: ports.Journal
    publisher: ports.OutcomePublisher
    settler: ports.Settler
    clock: ports.Clock
    jitter: Callable[[], float]
    pseudonym: Callable[[str], str]
    rules: Rules
    user_offboarding_queue: str
    device_retirement_queue: str
    close: Callable[[], Awaitable[None]] = _nothing_open
    in_hand: KeyedLocks = field(default_factory=KeyedLocks)

    @property
    def _conclusions(self) -> Conclusions:
        return Conclusions(
            journal=self.journal,
            publisher=self.publisher,
            clock=self.clock,
            message_max_age=self.rules.message_max_age,
        )

    async def user_offboarding(self, message: TriggerMessage) -> None:
        """Handle one delivery from the queue of `user.offboarded`; returns when it is settled, or left to come back."""
        await self._process(message, self.user_offboarding_queue, events.UserOffboarded.TYPE)

    async def device_retirement(self, message: TriggerMessage) -> None:
        """Handle one delivery from the queue of `device.retired`; returns when it is settled, or left to come back."""
        await self._process(message, self.device_retirement_queue, events.DeviceRetired.TYPE)

    async def _process(self, trigger: TriggerMessage, queue: str, event_type: str) -> None:
        message = incoming.read(trigger, queue=queue, now=self.clock.now())
        decision = await self._decide(message, event_type)
        try:
            await self._apply(message, decision)
        except ports.SettlementFailed as error:
            # Unsettled, it comes back when its lock expires, and is known by its journal.
            message_log.not_settled(message, error, lock_lost=error.lock_lost)
        else:
            message_log.settled(message, decision)

    async def _decide(self, message: IncomingMessage, event_type: str) -> settlement.Settlement:
        progress = Progress.begin(message, event_type, dry_run=self.rules.dry_run)
        try:
            return await self._attempt(progress)
        except Exception as error:  # noqa: BLE001 - this is the place where every failure is decided about
            return await self._after(error, progress)

    async def _attempt(self, progress: Progress) -> settlement.Settlement:
        event = contract.decode(progress.message, progress.event_type)
        progress.understood(event)
        message_log.decoded(progress.message, event_id=event.request.event_id, about=self._about(event))
        if event.request.effective_at is not None and event.request.effective_at > self._now(progress.message):
            return settlement.PutOff(event.request.effective_at, settlement.PutOffReason.NOT_YET_EFFECTIVE)
        if self.in_hand.held(progress.journal_id):
            until = self._now(progress.message) + SAME_EVENT_WAIT
            return settlement.PutOff(until, settlement.PutOffReason.SAME_EVENT_IN_HAND)
        async with self.in_hand.hold(progress.journal_id):
            return await self._handle(event, progress)

    async def _handle(self, event: events.Event, progress: Progress) -> settlement.Settlement:
        record = await self.journal.read(progress.journal_id)
        repeated = await self._conclusions.repeat(record, progress)
        progress.history = record.history
        if repeated is not None:
            return repeated
        self._refuse_if_stale(event.request, progress.message)
        run = Run(
            event_id=progress.journal_id,
            number=progress.message.run,
            attempt=progress.message.attempt,
            dry_run=progress.dry_run,
            history=record.history,
            fingerprint=progress.fingerprint,
            booking=ports.Booking(progress.message.slot),
        )
        try:
            handled = await self._verb(event, run)
            progress.reports = list(handled.reports)
            if handled.failure is not None:
                raise handled.failure
        except ports.NoPermitYet as wait:
            return settlement.PutOff(wait.until, settlement.PutOffReason.RATE_LIMIT, wait.slot)
        return await self._conclusions.conclude(progress, settlement.Complete())

    def _verb(self, event: events.Event, run: Run) -> Awaitable[Handled]:
        match event:
            case events.UserOffboarded():
                return self.handlers.unassign_for_offboarded_user(event, run)
            case events.DeviceRetired():
                return self.handlers.unassign_for_retired_device(event, run)
            case _:
                assert_never(event)

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
            return await self._conclusions.conclude(progress, decision)
        except Exception as unreported:  # noqa: BLE001 - decided about like any other failure
            fallback = self._recover(unreported, progress.message)
            return decision if isinstance(fallback, settlement.DeadLetter) else fallback

    def _recover(self, error: Exception, message: IncomingMessage) -> settlement.Settlement:
        now, jitter = self.clock.now(), self.jitter()
        decision = recoverability.decide(error, message, self.rules.recoverability, now=now, jitter=jitter)
        message_log.failed(message, error)
        return decision

    async def _apply(self, message: IncomingMessage, decision: settlement.Settlement) -> None:
        match decision:
            case settlement.DelayedRetry() | settlement.PutOff():
                await self.settler.schedule(copies.schedule(message, decision, now=self._now(message)))
                await self.settler.settle(message, settlement.Complete())
            case settlement.Complete() | settlement.Abandon() | settlement.DeadLetter():
                await self.settler.settle(message, decision)
            case _:
                assert_never(decision)

    def _now(self, message: IncomingMessage) -> datetime:
        """This moment, and never before the message arrived: were our clock behind the broker's, a copy would come at once."""
        return max(self.clock.now(), message.enqueued_at)

    def _refuse_if_stale(self, request: events.Request, message: IncomingMessage) -> None:
        moments = [moment for moment in (request.effective_at, request.occurred_at) if moment is not None]
        since = max(moments, default=message.first_enqueued_at)
        if self.clock.now() - since > self.rules.message_max_age:
            raise errors.StaleMessage(f"the event dates from {since:%Y-%m-%d} and is older than MESSAGE_MAX_AGE")

    def _about(self, event: events.Event) -> str:
        """Whom or what the event is about, so that two log lines can be told to be about the same and nobody is named."""
        match event:
            case events.UserOffboarded():
                return self.pseudonym(event.user_principal_name or event.user_object_id or "")
            case events.DeviceRetired():
                return self.pseudonym(repr(event.device))
