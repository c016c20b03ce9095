"""What the host says about a message beside its body: the trigger metadata, exactly as the worker library receives it.

Names and values follow ServiceBusTriggerBindingStrategy (azure-sdk-for-net, Microsoft.Azure.WebJobs.Extensions.ServiceBus),
their encoding GrpcMessageConversionExtensions.ToRpc (azure-functions-host): strings as strings, all else as JSON. What the
message does not have is left out. Pure.
"""

import base64
import datetime as dt
from typing import Any

from azure.servicebus import ServiceBusReceivedMessage

from devhost import protos

_NEVER = "9999-12-31T23:59:59.9999999"  # .NET's greatest DateTime: a message without a time to live
_VIA_PARTITION_KEY = b"x-opt-via-partition-key"


def build(message: ServiceBusReceivedMessage) -> dict[str, protos.TypedData]:
    """Build the trigger metadata of one message."""
    texts = {name: protos.text(str(_plain(value))) for name, value in _texts(message).items() if value is not None}
    others = {name: protos.as_json(value) for name, value in _others(message).items() if value is not None}
    return texts | others


def _texts(message: ServiceBusReceivedMessage) -> dict[str, Any]:
    return {
        "MessageId": message.message_id,
        "LockToken": message.lock_token,
        "ContentType": message.content_type,
        "CorrelationId": message.correlation_id,
        "Subject": message.subject,
        "Label": message.subject,
        "To": message.to,
        "ReplyTo": message.reply_to,
        "ReplyToSessionId": message.reply_to_session_id,
        "SessionId": message.session_id,
        "PartitionKey": message.partition_key,
        "TransactionPartitionKey": (message.raw_amqp_message.annotations or {}).get(_VIA_PARTITION_KEY),
        "DeadLetterSource": message.dead_letter_source,
    }


def _others(message: ServiceBusReceivedMessage) -> dict[str, Any]:
    enqueued = message.enqueued_time_utc
    expires = message.expires_at_utc
    properties = {_plain(key): _plain(value) for key, value in (message.application_properties or {}).items()}
    return {
        # On the wire the count starts at 0, in .NET at 1 (AmqpMessageConverter); the Python SDK shows the wire's.
        "DeliveryCount": (message.delivery_count or 0) + 1,
        "SequenceNumber": message.sequence_number,
        "EnqueuedTimeUtc": _naive(enqueued),
        "EnqueuedTime": _with_offset(_naive(enqueued)),
        "ExpiresAtUtc": _naive(expires) or _NEVER,
        "ExpiresAt": _with_offset(_naive(expires) or _NEVER),
        "ApplicationProperties": properties,
        "UserProperties": properties,
    }


def _naive(moment: dt.datetime | None) -> str | None:
    """Write a time as .NET's JSON does a DateTime of unspecified kind: no suffix, no zeros at the end of the fraction."""
    if moment is None:
        return None
    written = moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
    return written.rstrip("0").rstrip(".")


def _with_offset(written: str | None) -> str | None:
    return None if written is None else f"{written}+00:00"


def _plain(value: Any) -> Any:
    """Turn what AMQP can carry in a property into what JSON can: the SDK hands keys and strings over as bytes."""
    if isinstance(value, bytes):
        return _text_or_base64(value)
    return value if value is None or isinstance(value, bool | int | float | str) else str(value)


def _text_or_base64(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return base64.b64encode(value).decode()
