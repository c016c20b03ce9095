"""An emulated namespace, the Functions host's part in it, and the adapters under test on it."""

import importlib
import itertools
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from proton import Message
from proton.utils import BlockingConnection

from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging.incoming import IncomingMessage
from shared.servicebus.connection import Connection, Limits
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler

QUEUE: Final = "user-offboarding"
TOPIC: Final = "outcomes"

_HOUR: Final = timedelta(hours=1)
_NAMESPACE: Final = config.Namespace(
    queues=(config.Queue(name=QUEUE, duplicate_window=_HOUR), config.Queue(name="device-retirement")),
    topics=(config.Topic(name=TOPIC, subscriptions=(config.Subscription(name="all"),), duplicate_window=_HOUR),),
)
SHORT: Final = Limits(call=timedelta(seconds=6), one_try=timedelta(seconds=1.5), closing=timedelta(seconds=2))
"""Short enough to be waited for, long enough for a slow machine to open a link."""


class Host:
    """Receives as the Functions host does: on a connection of its own, to which the adapters have no access.

    The connection is closed at once; what came in on it stays locked.
    """

    def __init__(self, emulator: ServiceBusEmulator) -> None:
        self._emulator = emulator
        self._numbers = itertools.count(1)

    def deliver(self, body: bytes = b"{}", queue: str = QUEUE, **properties: Any) -> IncomingMessage:
        """Send a message and receive it."""
        (message,) = self.deliver_all(1, body, queue, **properties)
        return message

    def deliver_all(
        self, number: int, body: bytes = b"{}", queue: str = QUEUE, **properties: Any
    ) -> list[IncomingMessage]:
        """Send and receive several, one after the other."""
        with closing(BlockingConnection(f"amqp://127.0.0.1:{self._emulator.port}")) as connection:
            sender = connection.create_sender(queue)
            receiver = connection.create_receiver(queue, credit=1)
            messages = []
            for _ in range(number):
                message_id = f"m{next(self._numbers)}"
                sender.send(Message(id=message_id, body=body, inferred=True, properties=properties))
                messages.append(_incoming(queue, receiver))
            return messages


def _incoming(queue: str, receiver: Any) -> IncomingMessage:
    received = receiver.receive(timeout=5)
    return IncomingMessage(
        queue=queue,
        message_id=received.id,
        lock_token=_lock_token(receiver.fetcher.unsettled[-1]),
        body=bytes(received.body),
        delivery_count=1,
        enqueued_at=datetime(2026, 11, 3, 12, tzinfo=UTC),
        application_properties=dict(received.properties or {}),
    )


def _lock_token(delivery: Any) -> str:
    """The delivery tag, which proton's own accessor would decode as text."""
    cproton: Any = importlib.import_module("cproton")
    tag = cproton.lib.pn_delivery_tag(delivery._impl)
    return str(uuid.UUID(bytes_le=cproton.ffi.unpack(tag.start, tag.size)))


@pytest.fixture
def emulator() -> Iterator[ServiceBusEmulator]:
    emulator = ServiceBusEmulator(_NAMESPACE).start()
    yield emulator
    emulator.stop()


@pytest.fixture
def host(emulator: ServiceBusEmulator) -> Host:
    return Host(emulator)


@pytest.fixture
async def connection(emulator: ServiceBusEmulator) -> AsyncIterator[Connection]:
    connection = Connection.by_connection_string(emulator.connection_string, limits=SHORT)
    yield connection
    await connection.close()


@pytest.fixture
def settler(connection: Connection) -> ServiceBusSettler:
    return ServiceBusSettler(connection)


@pytest.fixture
def outcomes(connection: Connection) -> ServiceBusOutcomes:
    return ServiceBusOutcomes(connection, TOPIC)
