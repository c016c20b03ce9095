"""Service Bus as a soak reaches it: the real settler and publisher, above handlers that take a moment and now and then fail.

Stands for the SDK's client. `open` counts the handlers that are open, as each is a connection of its own.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Self

from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
from azure.servicebus.exceptions import MessageLockLostError, ServiceBusConnectionError

from benchmarks.broker_model import BROKER_SECONDS
from emulators.servicebus.errors import LockLost
from emulators.servicebus.queue import MessageQueue
from shared.servicebus.connection import Connection, Limits
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler
from tests.soak.bus import FAILS, ForgetfulBus


@dataclass(slots=True)
class Wire:
    """The way to the bus. A try that fails may take the next one on the same entity with it: then the call has failed."""

    bus: ForgetfulBus
    chance: random.Random
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    open: int = 0
    opened: int = 0
    settler: ServiceBusSettler = field(init=False)
    publisher: ServiceBusOutcomes = field(init=False)
    _more: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        connection = Connection(lambda _: (_Client(self), None), Limits())  # type: ignore[arg-type, return-value]
        self.settler = ServiceBusSettler(connection)
        self.publisher = ServiceBusOutcomes(connection, "unassignment-outcomes")

    async def call(self, entity: str, effect: Callable[[], None]) -> None:
        """One try."""
        await asyncio.sleep(BROKER_SECONDS)
        self.changed.set()
        if self._more[entity]:
            self._more[entity] -= 1
            raise ServiceBusConnectionError
        if self.chance.random() < FAILS:
            self._more[entity] = self.chance.randrange(2)
            raise ServiceBusConnectionError
        effect()


@dataclass(frozen=True, slots=True)
class _Client:
    wire: Wire

    def get_queue_receiver(self, queue: str) -> "_Receiver":
        return _Receiver(self.wire, queue)

    def get_queue_sender(self, queue: str) -> "_Sender":
        return _Sender(self.wire, queue)

    def get_topic_sender(self, topic: str) -> "_Sender":
        return _Sender(self.wire, topic)


class _Handler:
    def __init__(self, wire: Wire, entity: str) -> None:
        self._wire = wire
        self._entity = entity

    async def __aenter__(self) -> Self:
        self._wire.open += 1
        self._wire.opened += 1
        return self

    async def close(self) -> None:
        self._wire.open -= 1


class _Receiver(_Handler):
    async def complete_message(self, message: ServiceBusReceivedMessage) -> None:
        await self._settle(lambda queue: queue.complete(_token(message)))

    async def abandon_message(self, message: ServiceBusReceivedMessage) -> None:
        await self._settle(lambda queue: queue.abandon(_token(message)))

    async def dead_letter_message(
        self, message: ServiceBusReceivedMessage, *, reason: str, error_description: str
    ) -> None:
        await self._settle(lambda queue: queue.dead_letter(_token(message), reason, error_description))

    async def _settle(self, act: Callable[[MessageQueue], None]) -> None:
        def effect() -> None:
            try:
                act(self._wire.bus.queue(self._entity))
            except LockLost as error:
                raise MessageLockLostError from error

        await self._wire.call(self._entity, effect)


class _Sender(_Handler):
    async def schedule_messages(self, message: ServiceBusMessage, at: datetime) -> None:
        properties = {str(name): value for name, value in (message.application_properties or {}).items()}
        await self._wire.call(self._entity, lambda: self._wire.bus.schedule(self._entity, message, properties, at))

    async def send_messages(self, message: ServiceBusMessage) -> None:
        document = b"".join(message.body)
        await self._wire.call(self._entity, lambda: self._wire.bus.publish(str(message.message_id), document))


def _token(message: ServiceBusReceivedMessage) -> Any:
    return message.lock_token
