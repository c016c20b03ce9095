import uuid
from datetime import timedelta
from typing import Any

import proton
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emulators.servicebus import codec, errors, sections
from emulators.servicebus.message import Content, Message, State
from tests.unit.emulators.broker_builder import START

_VALUES = st.one_of(st.text(), st.integers(-(2**63), 2**63 - 1), st.booleans(), st.floats(allow_nan=False), st.uuids())


def encoded(**fields: Any) -> bytes:
    message = proton.Message(inferred=True, **fields)
    return bytes(message.encode())


def delivered(content: Content, **fields: object) -> Any:
    message = Message(sequence_number=7, content=content, enqueued_at=START, delivery_count=1)
    for name, value in fields.items():
        setattr(message, name, value)
    received = proton.Message()
    received.decode(codec.encode(message))
    return received


@given(body=st.binary(max_size=2000), properties=st.dictionaries(st.text(), _VALUES, max_size=5))
def test_body_and_properties_come_back_as_they_went_in(body: bytes, properties: dict[str, object]) -> None:
    content = codec.decode(
        encoded(body=body, properties=properties, id="m1", subject="s", content_type="application/json")
    )

    received = delivered(content)

    assert (content.body, content.application_properties) == (body, properties)
    assert (received.body, received.properties or {}) == (body, properties)
    assert (received.id, received.subject, received.content_type) == ("m1", "s", "application/json")


@given(st.binary(max_size=200))
def test_no_bytes_whatever_do_more_than_be_refused(garbage: bytes) -> None:
    try:
        contents = codec.decode_transfer(garbage)
    except errors.InvalidRequest:
        return
    assert contents


@given(st.binary(max_size=100), st.integers(0, 99))
def test_a_message_cut_short_is_refused(body: bytes, cut: int) -> None:
    whole = encoded(body=body + b"x", id="m1", properties={"a": 1})

    with pytest.raises(errors.InvalidRequest):
        codec.decode(whole[: cut % len(whole)])


def test_the_broker_adds_what_only_it_knows() -> None:
    content = codec.decode(
        encoded(body=b"", ttl=60, priority=7, annotations={proton.symbol("x-opt-partition-key"): "p"})
    )

    received = delivered(content, delivery_count=3, locked_until=START + timedelta(minutes=1), dead_letter_source="q")

    assert (received.delivery_count, received.ttl, received.priority) == (2, 60, 7)
    milliseconds = int(START.timestamp() * 1000)
    assert received.annotations == {
        "x-opt-partition-key": "p",
        "x-opt-sequence-number": 7,
        "x-opt-enqueued-time": milliseconds,
        "x-opt-locked-until": milliseconds + 60_000,
        "x-opt-deadletter-source": "q",
    }


def test_changed_application_properties_replace_the_old_and_leave_the_rest() -> None:
    content = codec.decode(encoded(body=b"body", subject="s", properties={"kept": uuid.UUID(int=1), "changed": 1}))

    received = delivered(content.with_application_properties({"changed": 2}))

    assert received.properties == {"kept": uuid.UUID(int=1), "changed": 2}
    assert (received.body, received.subject) == (b"body", "s")


def test_a_peeked_message_tells_its_state_and_no_lock() -> None:
    content = codec.decode(encoded(body=b""))
    message = Message(sequence_number=1, content=content, enqueued_at=START, state=State.DEFERRED, locked_until=START)
    received: Any = proton.Message()

    received.decode(codec.encode(message, peeked=True))

    assert received.annotations["x-opt-message-state"] == 1
    assert "x-opt-locked-until" not in received.annotations


def test_a_batch_is_its_messages() -> None:
    inner = [encoded(body=f"{number}".encode(), id=f"m{number}") for number in range(3)]
    envelope = b"".join(sections.join(sections.DATA, b"\xb0" + len(each).to_bytes(4) + each) for each in inner)

    assert [(each.message_id, each.body) for each in codec.decode_transfer(envelope)] == [
        ("m0", b"0"),
        ("m1", b"1"),
        ("m2", b"2"),
    ]


def test_an_encoded_message_as_the_body_of_one_with_properties_is_no_batch() -> None:
    inner = encoded(body=b"inner")

    (content,) = codec.decode_transfer(encoded(body=inner, properties={"a": 1}))

    assert content.body == inner


def test_a_scheduled_time_that_is_no_timestamp_is_refused() -> None:
    wrong = encoded(body=b"", annotations={proton.symbol(codec.SCHEDULED_FOR): "tomorrow"})

    with pytest.raises(errors.InvalidRequest):
        codec.decode(wrong)
