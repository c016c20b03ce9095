"""What the service needs of Service Bus, on the embedded emulator and, where SERVICEBUS_CONNECTION names it, on another.

That other one is Microsoft's emulator (docker-compose.yml) or a namespace of one's own with the queues of infra/servicebus.json.
Messages are received on one connection, as the Functions host does, and settled by lock token on another.
"""

import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver

from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging import copies
from shared.messaging.dead_letters import Reason
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import Abandon, Complete, DeadLetter, DelayedRetry
from shared.servicebus.connection import Connection
from shared.servicebus.settler import ServiceBusSettler
from shared.settings import reading

QUEUE = "device-retirement"
CONFIG = Path(__file__).parents[2] / "infra" / "servicebus.json"
PATIENCE = 20.0


@pytest.fixture(scope="module", params=["embedded", "named"])
def connection_string(request: pytest.FixtureRequest) -> Iterator[str]:
    if request.param == "embedded":
        emulator = ServiceBusEmulator(config.load(CONFIG)).start()
        yield emulator.connection_string
        emulator.stop()
        return
    named = reading.process_environment().get("SERVICEBUS_CONNECTION", "")
    if not named:
        pytest.skip("opt-in: start docker-compose.yml, then set SERVICEBUS_CONNECTION")
    yield named


class Bus:
    """One end sends and receives as others do; the other settles as the service does."""

    def __init__(self, client: ServiceBusClient, settler: ServiceBusSettler) -> None:
        self._client = client
        self.settler = settler

    async def send(self, message_id: str) -> None:
        async with self._client.get_queue_sender(QUEUE) as sender:
            await sender.send_messages(ServiceBusMessage(b"{}", message_id=message_id))

    @asynccontextmanager
    async def received(self, message_id: str, **options: Any) -> AsyncIterator[ServiceBusReceivedMessage]:
        """The message by this id, under a lock; what else lies there, from an earlier run, is completed."""
        async with self._client.get_queue_receiver(QUEUE, max_wait_time=PATIENCE, **options) as receiver:
            yield await self._find(receiver, message_id)

    async def rest(self, **options: Any) -> list[str | None]:
        """The ids of what is still there."""
        async with self._client.get_queue_receiver(QUEUE, **options) as receiver:
            return [each.message_id for each in await receiver.peek_messages(50)]

    @staticmethod
    async def _find(receiver: ServiceBusReceiver, message_id: str) -> ServiceBusReceivedMessage:
        async for message in receiver:
            if message.message_id == message_id:
                return message
            await receiver.complete_message(message)
        pytest.fail("the message did not come")


@pytest.fixture
async def bus(connection_string: str) -> AsyncIterator[Bus]:
    connection = Connection.by_connection_string(connection_string)
    async with ServiceBusClient.from_connection_string(connection_string) as client:
        yield Bus(client, ServiceBusSettler(connection))
    await connection.close()


def incoming(message: ServiceBusReceivedMessage) -> IncomingMessage:
    return IncomingMessage(
        queue=QUEUE,
        message_id=str(message.message_id),
        lock_token=str(message.lock_token),
        body=b"{}",
        delivery_count=1,
        enqueued_at=datetime.now(UTC),  # noqa: TID251 - another's clock may be involved
        application_properties={},
    )


async def test_a_message_is_completed_by_the_lock_token_of_another_connection(bus: Bus) -> None:
    message_id = str(uuid.uuid4())
    await bus.send(message_id)

    async with bus.received(message_id) as message:
        await bus.settler.settle(incoming(message), Complete())

    assert message_id not in await bus.rest()


async def test_an_abandoned_message_comes_again(bus: Bus) -> None:
    message_id = str(uuid.uuid4())
    await bus.send(message_id)

    async with bus.received(message_id) as message:
        await bus.settler.settle(incoming(message), Abandon())
    async with bus.received(message_id) as again:
        await bus.settler.settle(incoming(again), Complete())

    assert again.delivery_count


async def test_a_dead_letter_has_its_reason_and_description(bus: Bus) -> None:
    message_id = str(uuid.uuid4())
    await bus.send(message_id)

    async with bus.received(message_id) as message:
        await bus.settler.settle(incoming(message), DeadLetter(Reason.INVALID_MESSAGE, "$.device is missing"))

    async with bus.received(message_id, sub_queue=ServiceBusSubQueue.DEAD_LETTER) as buried:
        assert buried.dead_letter_reason == "InvalidMessage"
        assert buried.dead_letter_error_description == "$.device is missing"


async def test_a_scheduled_copy_comes_with_its_properties(bus: Bus) -> None:
    message_id = str(uuid.uuid4())
    await bus.send(message_id)

    async with bus.received(message_id) as message:
        original = incoming(message)
        copy = copies.schedule(original, DelayedRetry(timedelta(seconds=1)), now=original.enqueued_at)
        await bus.settler.schedule(copy)
        await bus.settler.settle(original, Complete())

    async with bus.received(f"{message_id}:1") as second:
        await bus.settler.settle(incoming(second), Complete())
        properties = second.application_properties or {}
    assert properties[b"attempt"] == 2
    assert properties[b"originalMessageId"] == message_id.encode()


async def test_a_message_id_that_was_seen_is_dropped(bus: Bus) -> None:
    message_id = str(uuid.uuid4())
    await bus.send(message_id)
    await bus.send(message_id)

    assert (await bus.rest()).count(message_id) == 1
