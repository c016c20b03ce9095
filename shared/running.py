"""One attempt of one run of an event: from its message to its conclusion, or to a value that says why it waits.

Knows the order of things: the look that will verify is scheduled, then the outcome journalled and published, then the message
may be settled. Whatever breaks in between comes back, and finds in the journal what was done.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import assert_never

from shared import message_log, ports
from shared.concluding import Conclusions
from shared.domain import errors, events
from shared.following_up import FollowUps
from shared.handlers import Handled, Handlers
from shared.keyed_locks import KeyedLocks
from shared.messaging import contract, settlement
from shared.messaging.incoming import IncomingMessage
from shared.progress import Progress, in_hand_elsewhere, now, put_off_to_its_slot
from shared.recording import Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Runs:
    """Handles events. `pseudonym` hashes an identity for the log; `in_hand` holds the events that are being handled."""

    handlers: Handlers
    journal: ports.Journal
    conclusions: Conclusions
    follow_ups: FollowUps
    clock: ports.Clock
    pseudonym: Callable[[str], str]
    message_max_age: timedelta
    decode: Callable[[IncomingMessage, str], events.Event] = contract.decode
    in_hand: KeyedLocks = field(default_factory=KeyedLocks)

    async def attempt(self, progress: Progress) -> settlement.Settlement:
        """Handle one delivery. Raises whatever goes wrong, for the processor to decide about."""
        event = self.decode(progress.message, progress.event_type)
        progress.understood(event)
        message_log.decoded(progress.message, event_id=event.request.event_id, about=self._about(event))
        if event.request.effective_at is not None and event.request.effective_at > now(self.clock, progress.message):
            return settlement.PutOff(event.request.effective_at, settlement.PutOffReason.NOT_YET_EFFECTIVE)
        if self.in_hand.held(progress.journal_id):
            return in_hand_elsewhere(self.clock, progress.message)
        async with self.in_hand.hold(progress.journal_id):
            return await self._handle(event, progress)

    async def _handle(self, event: events.Event, progress: Progress) -> settlement.Settlement:
        record = await self.journal.read(progress.journal_id)
        repeated = await self.conclusions.repeat(record, progress)
        progress.history = record.history
        if repeated is not None:
            # Another delivery may have ended the run while this one changed something, and died before its look.
            if isinstance(repeated, settlement.DeadLetter):
                await self.follow_ups.after_a_run(progress, repeated)
            return repeated
        run = progress.as_run(record)
        if not run.released:
            refuse_if_stale(event.request, progress.message.first_enqueued_at, self.clock.now(), self.message_max_age)
        try:
            handled = await self._verb(event, run)
            progress.reports = list(handled.reports)
            if handled.failure is not None:
                raise handled.failure
        except ports.NoPermitYet as wait:
            return put_off_to_its_slot(wait, self.clock, progress.message)
        except errors.PermanentError:
            if not progress.dry_run and await self._another_changed_more(progress):
                return in_hand_elsewhere(self.clock, progress.message)
            raise
        if not progress.dry_run and await self._another_was_at_it(progress):
            return in_hand_elsewhere(self.clock, progress.message)
        await self.follow_ups.after_a_run(progress, settlement.Complete())
        return await self.conclusions.conclude(progress, settlement.Complete())

    async def _another_was_at_it(self, progress: Progress) -> bool:
        """Whether the journal has entries of this event that this attempt knows nothing of.

        Another process may have been handed the event as well, and have unassigned what the list here no longer named; it wrote its
        intent before, so it shows by now, and the report would lack that device.
        """
        record = await self.journal.read(progress.journal_id)
        return len(record.history.entries) > len(progress.history.entries) + len(progress.written)

    async def _another_changed_more(self, progress: Progress) -> bool:
        """Whether another process may have changed a device for this event of which this attempt knows nothing.

        The dead letter would not name it, nor be followed by a look, which the other one, should it die, does not come to schedule.
        """
        record = await self.journal.read(progress.journal_id)
        return not set(record.history.live().changed()) <= set(progress.changed())

    def _verb(self, event: events.Event, run: Run) -> Awaitable[Handled]:
        match event:
            case events.UserOffboarded():
                return self.handlers.unassign_for_offboarded_user(event, run)
            case events.DeviceRetired():
                return self.handlers.unassign_for_retired_device(event, run)
            case _:
                assert_never(event)

    def _about(self, event: events.Event) -> str:
        """Whom or what the event is about, so that two log lines can be told to be about the same and nobody is named."""
        match event:
            case events.UserOffboarded():
                return self.pseudonym(event.user_principal_name or event.user_object_id or "")
            case events.DeviceRetired():
                return self.pseudonym(repr(event.device))


def refuse_if_stale(
    request: events.Request, first_enqueued_at: datetime, now: datetime, message_max_age: timedelta
) -> None:
    """Raise StaleMessage for an event that is too old to be acted on unasked."""
    since = request.dates_from(first_enqueued_at)
    if now - since > message_max_age:
        raise errors.StaleMessage(f"the event dates from {since:%Y-%m-%d} and is older than MESSAGE_MAX_AGE")
