"""Encoded AMQP messages to `Content` and back, with the annotations that the broker adds.

Body, properties and application properties go out as the very bytes that came in; only what the broker owns (header,
annotations, changed application properties) is encoded here. Knows proton's `Data`; must not know links or sockets.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import proton

from emulators.servicebus import errors, sections
from emulators.servicebus.message import Content, Message, State

SCHEDULED_FOR = "x-opt-scheduled-enqueue-time"
_PROPERTY_NAMES = (
    "message-id",
    "user-id",
    "to",
    "subject",
    "reply-to",
    "correlation-id",
    "content-type",
    "content-encoding",
    "absolute-expiry-time",
    "creation-time",
    "group-id",
    "group-sequence",
    "reply-to-group-id",
)
_BODY = {sections.DATA, sections.SEQUENCE, sections.VALUE}
_PER_HOP = {sections.HEADER, sections.DELIVERY_ANNOTATIONS, sections.MESSAGE_ANNOTATIONS}
_BATCH_ENVELOPE = {sections.PROPERTIES, sections.MESSAGE_ANNOTATIONS, sections.DATA}
_PEEKED_STATES = {State.ACTIVE: 0, State.LOCKED: 0, State.DEFERRED: 1, State.SCHEDULED: 2}
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def decode_transfer(encoded: bytes) -> list[Content]:
    """The messages in one transfer: one, or those of a batch. Raises InvalidRequest.

    A batch (message format 0x80013700) is told by its shape, as proton hands out no message format: nothing but data
    sections, each of which holds a whole encoded message. No body but an encoded AMQP message is mistaken for one.
    """
    found = _split(encoded)
    payloads = [sections.binary_payload(value) for code, value in found if code == sections.DATA]
    if payloads and {code for code, _ in found} <= _BATCH_ENVELOPE and all(map(_is_message, payloads)):
        return [decode(payload) for payload in payloads]
    return [decode(encoded)]


def decode(encoded: bytes) -> Content:
    """One message. Raises InvalidRequest."""
    found = _split(encoded)
    values = {code: _decode_value(value) for code, value in found if code < sections.DATA}
    header = [*values.get(sections.HEADER, []), None, None, None][:3]
    properties = dict(zip(_PROPERTY_NAMES, values.get(sections.PROPERTIES, []), strict=False))
    annotations = values.get(sections.MESSAGE_ANNOTATIONS) or {}
    return Content(
        message_id=properties.get("message-id"),
        properties={name: value for name, value in properties.items() if value is not None},
        application_properties=values.get(sections.APPLICATION_PROPERTIES) or {},
        annotations=annotations,
        header=(header[0], header[1], header[2]),
        time_to_live=None if header[2] is None else timedelta(milliseconds=int(header[2])),
        scheduled_for=_time(annotations.get(SCHEDULED_FOR)),
        body=b"".join(sections.binary_payload(value) for code, value in found if code == sections.DATA),
        sections=tuple(entry for entry in found if entry[0] not in _PER_HOP),
        size=len(encoded),
    )


def encode(message: Message, *, peeked: bool = False) -> bytes:
    """A message as it goes to a receiver.

    The header's delivery count is that of earlier deliveries, so 0 at the first; a peeked one counts all there were.
    """
    content = message.content
    count = message.delivery_count if peeked else message.delivery_count - 1
    header = [*content.header, None, proton.uint(max(count, 0))]
    parts = [
        sections.join(sections.HEADER, _encode_value(header)),
        sections.join(sections.MESSAGE_ANNOTATIONS, _encode_value(_annotations(message, peeked=peeked))),
    ]
    parts += [sections.join(code, value) for code, value in _outgoing_sections(content)]
    return b"".join(parts)


def to_timestamp(time: datetime) -> proton.timestamp:
    """An AMQP timestamp: whole milliseconds since 1970."""
    return proton.timestamp((time - _EPOCH) // timedelta(milliseconds=1))


def _annotations(message: Message, *, peeked: bool) -> Mapping[Any, Any]:
    annotations = {proton.symbol(name): value for name, value in message.content.annotations.items()}
    annotations[proton.symbol("x-opt-sequence-number")] = message.sequence_number
    annotations[proton.symbol("x-opt-enqueued-time")] = to_timestamp(message.enqueued_at)
    if message.locked_until is not None and not peeked:
        annotations[proton.symbol("x-opt-locked-until")] = to_timestamp(message.locked_until)
    if message.dead_letter_source is not None:
        annotations[proton.symbol("x-opt-deadletter-source")] = message.dead_letter_source
    if peeked:
        annotations[proton.symbol("x-opt-message-state")] = proton.int32(_PEEKED_STATES[message.state])
    return annotations


def _outgoing_sections(content: Content) -> list[tuple[int, bytes]]:
    found = list(content.sections)
    if content.application_properties_changed:
        found = [entry for entry in found if entry[0] != sections.APPLICATION_PROPERTIES]
        encoded = _encode_value(dict(content.application_properties))
        found.append((sections.APPLICATION_PROPERTIES, encoded))
        found.sort(key=lambda entry: entry[0])  # stable: several data sections keep their order
    return found


def _is_message(payload: bytes) -> bool:
    try:
        found = sections.split(payload)
    except ValueError:
        return False
    return any(code in _BODY for code, _ in found)


def _split(encoded: bytes) -> list[tuple[int, bytes]]:
    try:
        found = sections.split(encoded)
    except ValueError as error:
        raise errors.InvalidRequest(f"not an AMQP message: {error}") from error
    if not any(code in _BODY for code, _ in found):
        raise errors.InvalidRequest("not an AMQP message: no body")
    return found


def _decode_value(value: bytes) -> Any:
    data = proton.Data()
    try:
        data.decode(value)
    except proton.DataException as error:
        raise errors.InvalidRequest(f"an AMQP section can't be decoded: {error}") from error
    data.rewind()
    data.next()
    return data.get_object()


def _encode_value(value: Any) -> bytes:
    data = proton.Data()
    data.put_object(value)
    return bytes(data.encode())


def _time(timestamp: Any) -> datetime | None:
    if timestamp is None:
        return None
    if not isinstance(timestamp, proton.timestamp):
        raise errors.InvalidRequest(f"{SCHEDULED_FOR} is not a timestamp")
    return _EPOCH + timedelta(milliseconds=int(timestamp))
