"""The settler: implements ports.Settler over azure-servicebus.

Knows which queue a call goes to; the links know how. Settling and scheduling on one queue go side by side, each in turn.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.ports import SettlementFailed
from shared.servicebus import sending
from shared.servicebus.connection import Connection
from shared.servicebus.link import Link, LinkFailed
from shared.servicebus.queue_link import QueueLink

if TYPE_CHECKING:
    from azure.servicebus.aio import ServiceBusClient, ServiceBusSender


class ServiceBusSettler:
    """Settles deliveries by lock token and schedules copies; implements ports.Settler. Opens nothing before the first call."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._receivers: dict[str, QueueLink] = {}
        self._senders: dict[str, Link[ServiceBusSender]] = {}

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """Settle one delivery; see ports.Settler. Raises SettlementFailed."""
        if message.queue not in self._receivers:
            self._receivers[message.queue] = QueueLink(self._connection, message.queue)
        await self._receivers[message.queue].settle(message.lock_token, settlement)

    async def schedule(self, copy: ScheduledCopy) -> None:
        """Make a copy durable in the original's queue; see ports.Settler. Raises SettlementFailed.

        Tried twice it has one id, and the queue's duplicate detection keeps one.
        """
        queue = copy.original.queue
        if queue not in self._senders:
            self._senders[queue] = Link(self._connection, partial(_sender, queue=queue))

        async def schedule(sender: ServiceBusSender) -> None:
            await sender.schedule_messages(sending.copy_message(copy), copy.enqueue_at)

        try:
            await self._senders[queue].use(schedule)
        except LinkFailed as error:
            raise SettlementFailed(f"queue {queue}: scheduling a copy failed: {error}") from error


def _sender(client: ServiceBusClient, *, queue: str) -> ServiceBusSender:
    return client.get_queue_sender(queue)
