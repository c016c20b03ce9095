"""Service Bus in a soak: the emulated broker, called directly, of which nothing is kept that has ended. Time is virtual."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.config import Namespace, Queue
from emulators.servicebus.trace import Trace, TraceEntry
from tests.proof import bus

FAILS: Final = 0.002
"""The share of calls that fail."""


def _immortal(queue: Queue) -> Queue:
    """A queue that keeps no note of when a message's life ends, which would be in two weeks."""
    return replace(queue, rules=replace(queue.rules, time_to_live=None))


_AS_DEPLOYED: Final = config.load(Path(__file__).parents[2] / "infra" / "servicebus.json")
_NAMESPACE: Final = Namespace(queues=tuple(_immortal(queue) for queue in _AS_DEPLOYED.queues))


class _Nothing(Trace):
    """Keeps no entry."""

    def note(self, entry: TraceEntry) -> None:
        """Forget it at once."""


@dataclass(slots=True)
class ForgetfulBus(bus.Bus):
    """Counts `outcomes` and `buried` messages, and keeps neither."""

    outcomes: int = 0
    buried: int = 0

    def __post_init__(self) -> None:
        broker = Broker(_NAMESPACE, clock=self.clock, trace=_Nothing())
        self._inboxes = {queue: broker.inbox(queue) for queue in bus.QUEUES}
        self._queues = {queue: broker.queue(queue) for queue in bus.QUEUES}

    def publish(self, message_id: str, document: bytes) -> None:
        """Somebody who subscribes has taken it."""
        self.outcomes += 1

    def discard_dead_letters(self) -> None:
        """An operator has looked at them."""
        for queue in self._queues.values():
            while queue.dead_letters is not None and (dead := queue.dead_letters.take()) is not None:
                assert dead.lock_token is not None
                queue.dead_letters.complete(dead.lock_token)
                self.buried += 1
