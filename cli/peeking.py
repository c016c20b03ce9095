"""Looking at what waits in a queue, at once or for its time, and at its dead letters: peeking locks and changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from azure.servicebus import ServiceBusMessageState, ServiceBusReceivedMessage
from azure.servicebus.exceptions import ServiceBusAuthenticationError, ServiceBusAuthorizationError

from cli import sending, service_bus
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.incoming import IncomingMessage
from shared.servicebus import reading
from shared.servicebus.dead_letter_queue import SUBQUEUE

NO_RIGHT: Final = (ServiceBusAuthorizationError, ServiceBusAuthenticationError)
_PAGE: Final = 250


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message in a queue; `until` is when a scheduled one comes up, None for one that is there."""

    message: IncomingMessage
    until: datetime | None


async def waiting(queue: str) -> AsyncIterator[Waiting]:
    """All messages of a queue. Raises the SDK's errors, TimeoutError and OSError."""
    async for each in _all(queue):
        scheduled = each.state is ServiceBusMessageState.SCHEDULED
        until = each.scheduled_enqueue_time_utc if scheduled else None
        yield Waiting(reading.ours(each, queue=queue), until)


async def dead_letters(queue: str) -> AsyncIterator[DeadLettered]:
    """All dead letters of a queue. Raises the same."""
    async for each in _all(queue + SUBQUEUE):
        yield reading.dead_lettered(each, queue=queue)


async def _all(entity: str) -> AsyncIterator[ServiceBusReceivedMessage]:
    following = 1
    async with service_bus.client() as client, client.get_queue_receiver(entity) as receiver:
        while True:
            async with asyncio.timeout(sending.DEADLINE.total_seconds()):
                page = await receiver.peek_messages(_PAGE, sequence_number=following)
            if not page:
                return
            for each in page:
                yield each
            following = (page[-1].sequence_number or 0) + 1
