"""How messages arrive at a queue or a topic: size, duplicates, and those scheduled for later.

Knows what a sender can do; must not know where a message goes when its time has come: it hands it to `deliver`.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from emulators.clock import Clock
from emulators.servicebus import errors
from emulators.servicebus.agenda import Agenda
from emulators.servicebus.duplicates import DuplicateHistory
from emulators.servicebus.message import Content, Message, State
from emulators.servicebus.trace import Operation, Trace, TraceEntry

MAX_MESSAGE_BYTES = 256 * 1024
"""The Standard tier's limit, for one message and for one batch."""


class Inbox:
    """The sending side of one queue or topic."""

    def __init__(
        self,
        path: str,
        *,
        clock: Clock,
        trace: Trace,
        numbers: Iterator[int],
        deliver: Callable[[Content, datetime], None],
        duplicate_window: timedelta | None,
    ) -> None:
        self.path = path
        self.counts: Counter[Operation] = Counter()
        self.scheduled: dict[int, Message] = {}
        self._clock = clock
        self._trace = trace
        self._numbers = numbers
        self._deliver = deliver
        self._duplicates = DuplicateHistory(duplicate_window)
        self._agenda = Agenda()
        self._order: list[int] = []

    def send(self, content: Content) -> None:
        """Take a message in: now, or scheduled if it says so. A duplicate is dropped in silence, as the service does."""
        self.sweep()
        now = self._clock.now()
        if content.scheduled_for is not None and content.scheduled_for > now:
            self.schedule(content)
        elif self._is_new(content):
            self._note(Operation.SEND, content)
            self._deliver(content, now)

    def schedule(self, content: Content) -> int:
        """Keep a message until its time, and return the sequence number to cancel it by.

        It takes part in duplicate detection now, not when its time comes; a duplicate gets a number, and nothing else.
        """
        when = content.scheduled_for
        if when is None:
            raise errors.InvalidRequest("a message to be scheduled has no scheduled enqueue time")
        number = next(self._numbers)
        if self._is_new(content):
            self._note(Operation.SCHEDULE, content)
            self.scheduled[number] = Message(
                sequence_number=number,
                content=content,
                enqueued_at=self._clock.now(),
                scheduled_for=when,
                state=State.SCHEDULED,
            )
            self._order.append(number)
            self._agenda.add(when, number)
        self.sweep()  # it may be due already
        return number

    def cancel(self, sequence_numbers: list[int]) -> None:
        """Forget scheduled messages. Raises MessageNotFound, before any is forgotten, if one is not there."""
        self.sweep()
        for number in sequence_numbers:
            if number not in self.scheduled:
                raise errors.MessageNotFound(f"no scheduled message has the sequence number {number}")
        for number in sequence_numbers:
            self._note(Operation.CANCEL, self._remove(number).content)

    def sweep(self) -> None:
        """Deliver what has become due, as of the moment that it was due."""
        for when, number in self._agenda.take_due(self._clock.now()):
            if number in self.scheduled:
                content = self._remove(number).content
                self._note(Operation.ACTIVATE, content)
                self._deliver(content, when)

    def scheduled_from(self, sequence_number: int, count: int) -> list[Message]:
        """Up to `count` scheduled messages from a sequence number on, in its order."""
        start = bisect_left(self._order, sequence_number)
        return [self.scheduled[number] for number in self._order[start : start + count]]

    @property
    def next_due(self) -> datetime | None:
        """When the next scheduled message may be due."""
        return self._agenda.next_due

    def _is_new(self, content: Content) -> bool:
        _check_size(content)
        if self._duplicates.admit(content.message_id, self._clock.now()):
            return True
        self._note(Operation.DUPLICATE, content)
        return False

    def _remove(self, number: int) -> Message:
        del self._order[bisect_left(self._order, number)]
        return self.scheduled.pop(number)

    def _note(self, operation: Operation, content: Content) -> None:
        self.counts[operation] += 1
        self._trace.note(TraceEntry(self._clock.now(), self.path, operation, content.message_id))


def _check_size(content: Content) -> None:
    if content.size > MAX_MESSAGE_BYTES:
        raise errors.MessageTooLarge(f"the message has {content.size} bytes, {MAX_MESSAGE_BYTES} are allowed")
