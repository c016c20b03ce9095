"""The outcome publisher: implements ports.OutcomePublisher over azure-servicebus. Knows the topic; nothing of outcomes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from shared.domain.errors import OutcomeNotPublished
from shared.messaging.outcome import Publication
from shared.servicebus import sending
from shared.servicebus.connection import Connection
from shared.servicebus.link import Link, LinkFailed

if TYPE_CHECKING:
    from azure.servicebus.aio import ServiceBusSender


class ServiceBusOutcomes:
    """Publishes to one topic, one event at a time. Opens nothing before the first one."""

    def __init__(self, connection: Connection, topic: str) -> None:
        self._topic = topic
        self._link: Link[ServiceBusSender] = Link(connection, lambda client: client.get_topic_sender(topic))

    async def publish(self, publication: Publication) -> None:
        """Send one outcome event; see ports.OutcomePublisher. Raises OutcomeNotPublished; it may have arrived nevertheless."""

        async def send(sender: ServiceBusSender) -> None:
            await sender.send_messages(sending.outcome_message(publication))

        try:
            await self._link.use(send)
        except LinkFailed as error:
            raise OutcomeNotPublished(f"topic {self._topic}: publishing failed: {error}") from error
