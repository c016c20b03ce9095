import datetime as dt
import json
import uuid
from typing import Any

import azure.functions as func
import proton
from azure.functions import meta
from azure.functions.servicebus import ServiceBusMessageInConverter
from azure.servicebus import ServiceBusReceivedMessage

from devhost import trigger_metadata

ENQUEUED = dt.datetime(2026, 11, 22, 10, 0, 0, 123000, tzinfo=dt.UTC)
LOCK_TOKEN = uuid.UUID("9b3d5a2e-0000-4000-8000-000000000001")


def received(**annotations: Any) -> Any:
    """A message as Service Bus sends it, before it goes over the wire."""
    message: Any = proton.Message(body=b"{}", id="m1", inferred=True)
    message.instructions = {proton.symbol("x-opt-lock-token"): LOCK_TOKEN}
    marks = {"x-opt-sequence-number": 42, "x-opt-enqueued-time": proton.timestamp(ENQUEUED.timestamp() * 1000)}
    message.annotations = {proton.symbol(key): value for key, value in (marks | annotations).items()}
    return message


def metadata_of(message: Any) -> dict[str, tuple[str, Any]]:
    """The metadata, each entry as the kind of the data and the value."""
    built = trigger_metadata.build(ServiceBusReceivedMessage.from_bytes(bytes(message.encode())))
    return {name: next(iter(vars(data).items())) for name, data in built.items()}


def test_a_full_message_reads_as_the_host_writes_it() -> None:
    message = received(**{"x-opt-partition-key": "p", "x-opt-via-partition-key": "v", "x-opt-deadletter-source": "q"})
    message.delivery_count = 2
    message.ttl = 60.0
    message.content_type, message.correlation_id, message.subject = "application/json", "c1", "user.offboarded"
    message.address, message.reply_to, message.group_id, message.reply_to_group_id = "to", "back", "s1", "s2"
    message.properties = {"attempt": 2, "Diagnostic-Id": "00-0af7-01"}
    properties = '{"attempt": 2, "Diagnostic-Id": "00-0af7-01"}'

    assert metadata_of(message) == {
        "MessageId": ("string", "m1"),
        "LockToken": ("string", str(LOCK_TOKEN)),
        "ContentType": ("string", "application/json"),
        "CorrelationId": ("string", "c1"),
        "Subject": ("string", "user.offboarded"),
        "Label": ("string", "user.offboarded"),
        "To": ("string", "to"),
        "ReplyTo": ("string", "back"),
        "ReplyToSessionId": ("string", "s2"),
        "SessionId": ("string", "s1"),
        "PartitionKey": ("string", "p"),
        "TransactionPartitionKey": ("string", "v"),
        "DeadLetterSource": ("string", "q"),
        "DeliveryCount": ("json", "3"),
        "SequenceNumber": ("json", "42"),
        "EnqueuedTimeUtc": ("json", '"2026-11-22T10:00:00.123"'),
        "EnqueuedTime": ("json", '"2026-11-22T10:00:00.123+00:00"'),
        "ExpiresAtUtc": ("json", '"2026-11-22T10:01:00.123"'),
        "ExpiresAt": ("json", '"2026-11-22T10:01:00.123+00:00"'),
        "ApplicationProperties": ("json", properties),
        "UserProperties": ("json", properties),
    }


def test_what_a_message_does_not_have_is_left_out() -> None:
    assert set(metadata_of(received())) == {
        *("MessageId", "LockToken", "DeliveryCount", "SequenceNumber", "ApplicationProperties", "UserProperties"),
        *("EnqueuedTimeUtc", "EnqueuedTime", "ExpiresAtUtc", "ExpiresAt"),
    }


def test_the_first_delivery_counts_as_one() -> None:
    assert metadata_of(received())["DeliveryCount"] == ("json", "1")


def test_a_message_that_never_expires_does_so_at_the_end_of_dotnets_time() -> None:
    assert metadata_of(received())["ExpiresAtUtc"] == ("json", '"9999-12-31T23:59:59.9999999"')


def test_a_full_second_has_no_fraction() -> None:
    message = received(**{"x-opt-enqueued-time": proton.timestamp(ENQUEUED.replace(microsecond=0).timestamp() * 1000)})

    assert metadata_of(message)["EnqueuedTimeUtc"] == ("json", '"2026-11-22T10:00:00"')


def test_properties_of_every_amqp_type_become_json() -> None:
    message = received()
    message.properties = {
        "text": "é",
        "flag": True,
        "nothing": None,
        "share": 0.5,
        "when": proton.timestamp(ENQUEUED.timestamp() * 1000),
        "id": LOCK_TOKEN,
        "bytes": b"\xff\x00",
    }

    properties = json.loads(metadata_of(message)["UserProperties"][1])

    assert (properties["text"], properties["flag"], properties["nothing"]) == ("é", True, None)
    assert (properties["share"], properties["id"], properties["bytes"]) == (0.5, str(LOCK_TOKEN), "/wA=")


def test_the_worker_library_reads_it_back() -> None:
    message = received()
    message.properties = {"attempt": 2}
    data = {name: meta.Datum(value=value, type=kind) for name, (kind, value) in metadata_of(message).items()}

    read = ServiceBusMessageInConverter.decode(meta.Datum(value=b"{}", type="bytes"), trigger_metadata=data)

    assert isinstance(read, func.ServiceBusMessage)
    assert (read.message_id, read.lock_token, read.delivery_count) == ("m1", str(LOCK_TOKEN), 1)
    assert read.enqueued_time_utc == ENQUEUED.replace(tzinfo=None)
    assert read.application_properties == {"attempt": 2}
    assert read.expires_at_utc == dt.datetime(9999, 12, 31, 23, 59, 59, 999999)  # noqa: DTZ001 - the host sends no zone
