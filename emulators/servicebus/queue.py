"""One queue, subscription or dead-letter subqueue: which messages it holds, who has them locked, what becomes of them.

Pure state on an injected clock: no sockets, no threads. Every operation first sweeps, so that what it sees is true now.
"""

import heapq
import itertools
import uuid
from bisect import bisect_left, insort
from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from emulators.clock import Clock
from emulators.servicebus import errors
from emulators.servicebus.agenda import Agenda
from emulators.servicebus.config import DeliveryRules
from emulators.servicebus.message import Content, Message, State
from emulators.servicebus.trace import Operation, Trace, TraceEntry

DEAD_LETTER_SUFFIX = "/$DeadLetterQueue"
_NO_CHANGES: Mapping[str, Any] = {}


class MessageQueue:
    """The receiving side of one entity. `path` is its name as configured; `dead_letters` is None for a subqueue."""

    def __init__(self, path: str, rules: DeliveryRules, *, clock: Clock, trace: Trace, subqueue: bool = False) -> None:
        self.path = path
        self.counts: Counter[Operation] = Counter()
        self.numbers: Iterator[int] = itertools.count(1)
        self.dead_letters: MessageQueue | None = None
        if not subqueue:
            forever = DeliveryRules(lock_duration=rules.lock_duration, max_delivery_count=None)
            self.dead_letters = MessageQueue(
                path + DEAD_LETTER_SUFFIX, forever, clock=clock, trace=trace, subqueue=True
            )
        self._rules = rules
        self._clock = clock
        self._trace = trace
        self._messages: dict[int, Message] = {}
        self._order: list[int] = []
        self._ready: list[int] = []
        self._locks: dict[uuid.UUID, Message] = {}
        self._lock_ends = Agenda()
        self._lives_end = Agenda()

    def put(self, content: Content, when: datetime) -> None:
        """Enqueue a message that arrived at `when`; its life starts then."""
        lives = [life for life in (content.time_to_live, self._rules.time_to_live) if life is not None]
        expires_at = when + min(lives) if lives else None
        self._add(
            Message(
                sequence_number=next(self.numbers),
                content=content,
                enqueued_at=when,
                expires_at=expires_at,
                scheduled_for=content.scheduled_for,
            )
        )
        if expires_at is not None:
            self._lives_end.add(expires_at, self._order[-1])

    @property
    def has_ready(self) -> bool:
        """Whether a message could be taken."""
        while self._ready and not self._is_ready(self._ready[0]):
            heapq.heappop(self._ready)
        return bool(self._ready)

    def take(self, *, delete: bool = False) -> Message | None:
        """The next message, locked; or removed at once if `delete` (receive and delete). None if there is none."""
        self.sweep()
        if not self.has_ready:
            return None
        message = self._messages[heapq.heappop(self._ready)]
        self._begin_delivery(message, delete=delete)
        self._note(Operation.DELIVER, message)
        return message

    def take_deferred(self, sequence_numbers: list[int], *, delete: bool = False) -> list[Message]:
        """Deferred messages by number, locked or removed. Raises MessageNotFound, taking none, if one is not there."""
        self.sweep()
        found = [self._messages.get(number) for number in sequence_numbers]
        messages = [message for message in found if message is not None and message.state is State.DEFERRED]
        if len(messages) < len(sequence_numbers):
            raise errors.MessageNotFound("not all of these sequence numbers are of deferred messages")
        for message in messages:
            self._begin_delivery(message, delete=delete)
            self._note(Operation.RECEIVE_DEFERRED, message)
        return messages

    def renew(self, lock_token: uuid.UUID) -> datetime:
        """Lock a locked message for another lock duration from now; returns until when. Raises LockLost."""
        message = self._locked(lock_token)
        message.locked_until = self._clock.now() + self._rules.lock_duration
        self._lock_ends.add(message.locked_until, message.sequence_number)
        self._note(Operation.RENEW, message)
        return message.locked_until

    def complete(self, lock_token: uuid.UUID) -> None:
        """Remove a locked message. Raises LockLost."""
        message = self._unlock(lock_token)
        self._remove(message)
        self._note(Operation.COMPLETE, message)

    def abandon(self, lock_token: uuid.UUID, changes: Mapping[str, Any] = _NO_CHANGES) -> None:
        """Give a locked message back, with these properties set; the delivery counts. Raises LockLost."""
        message = self._unlock(lock_token, changes)
        self._note(Operation.ABANDON, message)
        self._return(message)

    def release(self, lock_token: uuid.UUID) -> None:
        """Give a locked message back as if it had never been delivered. Raises LockLost."""
        message = self._unlock(lock_token)
        message.delivery_count -= 1
        self._note(Operation.RELEASE, message)
        self._return(message)

    def defer(self, lock_token: uuid.UUID, changes: Mapping[str, Any] = _NO_CHANGES) -> None:
        """Put a locked message aside, to be had by its sequence number only. Raises LockLost."""
        message = self._unlock(lock_token, changes)
        message.state, message.was_deferred = State.DEFERRED, True
        self._note(Operation.DEFER, message)

    def dead_letter(
        self,
        lock_token: uuid.UUID,
        reason: str | None,
        description: str | None,
        changes: Mapping[str, Any] = _NO_CHANGES,
    ) -> None:
        """Move a locked message to the dead-letter subqueue. Raises LockLost; NotAllowed if it is there already."""
        self._require_subqueue()
        message = self._unlock(lock_token, changes)
        self._note(Operation.DEAD_LETTER, message)
        self._bury(message, reason, description)

    def peek(self, from_sequence_number: int, count: int) -> list[Message]:
        """Up to `count` messages in any state from a sequence number on, in its order."""
        self.sweep()
        start = bisect_left(self._order, from_sequence_number)
        return [self._messages[number] for number in self._order[start : start + count]]

    def sweep(self) -> None:
        """End the locks and the lives whose time has come, here and in the subqueue."""
        now = self._clock.now()
        for when, number in self._lock_ends.take_due(now):
            message = self._messages.get(number)
            if message is not None and message.lock_token is not None and message.locked_until == when:
                del self._locks[message.lock_token]
                self._note(Operation.LOCK_EXPIRED, message)
                self._return(message)
        for _, number in self._lives_end.take_due(now):
            message = self._messages.get(number)
            if message is not None and message.state is State.ACTIVE:
                self._expire(message)
        if self.dead_letters is not None:
            self.dead_letters.sweep()

    def messages(self) -> Iterator[Message]:
        """All messages, in the order of their sequence numbers."""
        return (self._messages[number] for number in self._order)

    @property
    def next_due(self) -> datetime | None:
        """When the next lock or life may end, here or in the subqueue."""
        subqueue = None if self.dead_letters is None else self.dead_letters.next_due
        dues = [due for due in (self._lock_ends.next_due, self._lives_end.next_due, subqueue) if due is not None]
        return min(dues, default=None)

    def _add(self, message: Message) -> None:
        message.state = State.ACTIVE
        self._messages[message.sequence_number] = message
        insort(self._order, message.sequence_number)
        heapq.heappush(self._ready, message.sequence_number)

    def _remove(self, message: Message) -> None:
        del self._messages[message.sequence_number]
        del self._order[bisect_left(self._order, message.sequence_number)]

    def _is_ready(self, number: int) -> bool:
        message = self._messages.get(number)
        return message is not None and message.state is State.ACTIVE

    def _begin_delivery(self, message: Message, *, delete: bool) -> None:
        message.delivery_count += 1
        if delete:
            self._remove(message)
            return
        message.state, message.lock_token = State.LOCKED, uuid.uuid4()
        message.locked_until = self._clock.now() + self._rules.lock_duration
        self._locks[message.lock_token] = message
        self._lock_ends.add(message.locked_until, message.sequence_number)

    def _locked(self, lock_token: uuid.UUID) -> Message:
        self.sweep()
        message = self._locks.get(lock_token)
        if message is None:
            raise errors.LockLost("The lock supplied is invalid. Either the lock expired, or the message was settled.")
        return message

    def _unlock(self, lock_token: uuid.UUID, changes: Mapping[str, Any] = _NO_CHANGES) -> Message:
        message = self._locked(lock_token)
        del self._locks[lock_token]
        message.lock_token = message.locked_until = None
        message.content = message.content.with_application_properties(changes)
        return message

    def _return(self, message: Message) -> None:
        message.lock_token = message.locked_until = None
        limit = self._rules.max_delivery_count
        if message.expires_at is not None and message.expires_at <= self._clock.now():
            self._expire(message)
        elif limit is not None and message.delivery_count >= limit:
            why = f"Message could not be consumed after {limit} delivery attempts."
            self._note(Operation.DEAD_LETTER, message)
            self._bury(message, "MaxDeliveryCountExceeded", why)
        elif message.was_deferred:
            message.state = State.DEFERRED
        else:
            message.state = State.ACTIVE
            heapq.heappush(self._ready, message.sequence_number)

    def _expire(self, message: Message) -> None:
        self._note(Operation.EXPIRED, message)
        if self._rules.dead_letter_on_expiration:
            self._bury(message, "TTLExpiredException", "The message expired and was dead lettered.")
        else:
            self._remove(message)

    def _bury(self, message: Message, reason: str | None, description: str | None) -> None:
        subqueue = self._require_subqueue()
        self._remove(message)
        why = {"DeadLetterReason": reason, "DeadLetterErrorDescription": description}
        message.content = message.content.with_application_properties({k: v for k, v in why.items() if v is not None})
        message.dead_letter_reason, message.dead_letter_description = reason, description
        message.dead_letter_source, message.expires_at, message.was_deferred = self.path, None, False
        subqueue._add(message)  # noqa: SLF001  # another of this class

    def _require_subqueue(self) -> "MessageQueue":
        if self.dead_letters is None:
            raise errors.NotAllowed(f"{self.path}: a dead-lettered message can't be dead-lettered again")
        return self.dead_letters

    def _note(self, operation: Operation, message: Message) -> None:
        self.counts[operation] += 1
        self._trace.note(TraceEntry(self._clock.now(), self.path, operation, message.content.message_id))
