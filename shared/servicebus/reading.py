"""The SDK's received message as ours. Knows its manners: keys and texts of application properties come as bytes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from shared.messaging import incoming
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.incoming import IncomingMessage

if TYPE_CHECKING:
    from azure.servicebus import ServiceBusReceivedMessage

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for an arrival that the broker does not tell: of an unknown age is as good as old."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Received:
    """What incoming.read needs; see incoming.TriggerMessage."""

    message_id: str
    lock_token: str | None
    delivery_count: int | None
    sequence_number: int | None
    enqueued_time_utc: datetime | None
    application_properties: dict[str, Any]
    content_type: str | None
    correlation_id: str | None
    subject: str | None
    to: str | None
    reply_to: str | None
    partition_key: str | None
    body: bytes

    def get_body(self) -> bytes:
        return self.body


def dead_lettered(message: ServiceBusReceivedMessage, *, queue: str) -> DeadLettered:
    """A message of the dead-letter queue of `queue`, peeked at or received."""
    return DeadLettered(
        message=ours(message, queue=queue),
        sequence_number=message.sequence_number or 0,
        reason=message.dead_letter_reason or "",
        description=message.dead_letter_error_description or "",
        readable=_readable(message),
    )


def ours(message: ServiceBusReceivedMessage, *, queue: str) -> IncomingMessage:
    """Any message of a queue, or of its dead-letter queue, peeked at or received; its body is empty if it is no data."""
    token = message.lock_token
    received = _Received(
        message_id=_text(message.message_id),
        lock_token=None if token is None else str(token),
        delivery_count=message.delivery_count,
        sequence_number=message.sequence_number,
        enqueued_time_utc=message.enqueued_time_utc,
        application_properties={_text(k): _value(v) for k, v in (message.application_properties or {}).items()},
        content_type=message.content_type,
        correlation_id=message.correlation_id,
        subject=message.subject,
        to=message.to,
        reply_to=message.reply_to,
        partition_key=message.partition_key,
        body=b"".join(message.body) if _readable(message) else b"",
    )
    return incoming.read(received, queue=queue, now=_LONG_AGO)


def _readable(message: ServiceBusReceivedMessage) -> bool:
    from azure.servicebus.amqp import AmqpMessageBodyType  # noqa: PLC0415 - not before the first message

    return message.body_type is AmqpMessageBodyType.DATA


def _text(value: Any) -> str:
    """A text of whichever kind the SDK gives; a message id may be anything on the wire."""
    if value is None:
        return ""
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _value(value: Any) -> Any:
    """A property's value: the SDK gives texts and binaries alike as bytes."""
    if not isinstance(value, bytes):
        return value
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value
