"""Copies, replays and outcome events as Service Bus messages. Pure but for the SDK's message class; sends nothing.

Knows which of our fields is which of the broker's.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from shared.messaging.copies import Property, ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.replays import Replay

if TYPE_CHECKING:
    from azure.servicebus import ServiceBusMessage

CLOUD_EVENT: Final = "application/cloudevents+json; charset=utf-8"
"""The content type of a structured CloudEvent. Source: CloudEvents AMQP binding 1.0.2, section 3.2."""


def copy_message(copy: ScheduledCopy) -> ServiceBusMessage:
    """The copy: the original's body, byte for byte, and its standard properties, under a new id with new properties."""
    return _again(copy.original, copy.original.body, copy.message_id, copy.application_properties)


def replay_message(replay: Replay) -> ServiceBusMessage:
    """The replay: the original's standard properties, under a new id with new properties, and the body it is given."""
    return _again(replay.original, replay.body, replay.message_id, replay.application_properties)


def outcome_message(publication: Publication) -> ServiceBusMessage:
    """The outcome event: the same message id however often it is published, which the topic's duplicate detection drops."""
    from azure.servicebus import ServiceBusMessage  # noqa: PLC0415 - as above

    properties = publication.application_properties
    return ServiceBusMessage(
        publication.document.encode(),
        message_id=publication.message_id,
        application_properties=dict[str | bytes, Any](properties.items()),
        content_type=CLOUD_EVENT,
        subject=str(properties["type"]),
    )


def _again(
    original: IncomingMessage, body: bytes, message_id: str, properties: Mapping[str, Property]
) -> ServiceBusMessage:
    from azure.servicebus import ServiceBusMessage  # noqa: PLC0415 - not before the first message

    return ServiceBusMessage(
        body,
        message_id=message_id,
        application_properties=dict[str | bytes, Any](properties.items()),
        content_type=original.content_type or None,
        correlation_id=original.correlation_id or None,
        subject=original.subject or None,
        to=original.to or None,
        reply_to=original.reply_to or None,
        partition_key=original.partition_key or None,
    )
