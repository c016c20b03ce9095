"""Service Bus in a soak: the emulated broker, called directly, of which nothing is kept that has ended. Time is virtual."""

import asyncio
import random
import uuid
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from benchmarks.broker_model import BROKER_SECONDS
from emulators.servicebus import config
from emulators.servicebus.broker import Broker
from emulators.servicebus.config import Namespace, Queue
from emulators.servicebus.message import Content
from emulators.servicebus.trace import Trace, TraceEntry
from shared import ports
from shared.domain.errors import OutcomeNotPublished
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
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

    def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """Settle by lock token, which is held: nothing takes as long as a lock here."""
        queue, token = self.queue(message.queue), uuid.UUID(message.lock_token)
        match settlement:
            case Complete():
                queue.complete(token)
            case Abandon():
                queue.abandon(token)
            case DeadLetter(reason, description):
                queue.dead_letter(token, reason.value, description)

    def keep(self, copy: ScheduledCopy) -> None:
        """Keep a copy until its time."""
        self._inboxes[copy.original.queue].schedule(
            Content(
                message_id=copy.message_id,
                body=copy.original.body,
                application_properties=dict(copy.application_properties),
                scheduled_for=copy.enqueue_at,
            )
        )

    def discard_dead_letters(self) -> None:
        """An operator has looked at them."""
        for queue in self._queues.values():
            while queue.dead_letters is not None and (dead := queue.dead_letters.take()) is not None:
                assert dead.lock_token is not None
                queue.dead_letters.complete(dead.lock_token)
                self.buried += 1


@dataclass(slots=True)
class Wire:
    """ports.Settler and ports.OutcomePublisher: the way to the bus, on which a call takes a moment and now and then fails."""

    bus: ForgetfulBus
    chance: random.Random
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """As ports.Settler."""
        await self._call(ports.SettlementFailed("no answer"))
        self.bus.settle(message, settlement)

    async def schedule(self, copy: ScheduledCopy) -> None:
        """As ports.Settler."""
        await self._call(ports.SettlementFailed("no answer"))
        self.bus.keep(copy)

    async def publish(self, publication: Publication) -> None:
        """As ports.OutcomePublisher."""
        await self._call(OutcomeNotPublished("no answer"))
        self.bus.publish(publication.message_id, publication.document.encode())

    async def _call(self, error: Exception) -> None:
        await asyncio.sleep(BROKER_SECONDS)
        self.changed.set()
        if self.chance.random() < FAILS:
            raise error
