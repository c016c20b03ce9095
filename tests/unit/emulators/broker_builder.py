"""A broker of one queue on a clock that stands still, for the tests of its rules."""

from datetime import UTC, datetime, timedelta
from typing import Any

from emulators.clock import ManualClock
from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.message import Content, Message
from emulators.servicebus.trace import Trace

START = datetime(2026, 11, 22, tzinfo=UTC)
LOCK = timedelta(minutes=1)


class Bench:
    """The broker with what a test needs at hand; the queue is called `q`."""

    def __init__(self, **rules: Any) -> None:
        window = rules.pop("duplicate_window", None)
        settings = config.DeliveryRules(**{"lock_duration": LOCK, "max_delivery_count": 3, **rules})
        self.clock = ManualClock(START)
        self.trace = Trace()
        namespace = config.Namespace(queues=(config.Queue(name="q", rules=settings, duplicate_window=window),))
        self.broker = Broker(namespace, clock=self.clock, trace=self.trace)
        self.inbox = self.broker.inbox("q")
        self.queue = self.broker.queue("q")

    def send(self, *message_ids: str | None, **content: Any) -> None:
        for message_id in message_ids:
            self.inbox.send(Content(message_id=message_id, **content))

    def take(self) -> Message:
        """The next message; fails if there is none."""
        message = self.queue.take()
        assert message is not None
        return message

    def ids(self, state: str) -> list[Any]:
        return [view.message_id for view in getattr(self.broker.snapshot("q"), state)]

    def operations(self) -> list[str]:
        return [entry.operation.value for entry in self.trace.entries()]
