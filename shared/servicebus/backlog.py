"""How long messages have lain in a queue: a look at the first ones, which locks none and takes none.

A queue shows scheduled messages among the active ones, in the order of their numbers; if the first PAGES of them are all
scheduled, the oldest active one is not found.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared.messaging.incoming import aware
from shared.ports import BacklogUnreadable
from shared.servicebus.link import Link, LinkFailed

if TYPE_CHECKING:
    from azure.servicebus.aio import ServiceBusReceiver

    from shared.servicebus.connection import Connection

PAGE: Final = 20
"""Messages in one look: a look brings their bodies along."""
PAGES: Final = 10


class ServiceBusBacklog:
    """Backlog over the management link of receivers that never receive."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._links: dict[str, Link[ServiceBusReceiver]] = {}

    async def oldest_active(self, queue: str) -> datetime | None:
        """When the oldest message that could be taken was enqueued, or None. Raises BacklogUnreadable."""
        link = self._links.get(queue)
        if link is None:
            link = Link(self._connection, lambda client: client.get_queue_receiver(queue))
            self._links[queue] = link
        try:
            return await link.use(_oldest_active)
        except LinkFailed as error:
            raise BacklogUnreadable(f"looking into the queue failed: {error}") from error


async def _oldest_active(receiver: ServiceBusReceiver) -> datetime | None:
    from azure.servicebus import ServiceBusMessageState  # noqa: PLC0415 - not before it is used

    number = 0
    for _ in range(PAGES):
        page = await receiver.peek_messages(PAGE, sequence_number=number)
        for message in page:
            if message.state == ServiceBusMessageState.ACTIVE and message.enqueued_time_utc is not None:
                return aware(message.enqueued_time_utc)
        if not page or page[-1].sequence_number is None:
            return None
        number = page[-1].sequence_number + 1
    return None
