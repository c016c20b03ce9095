from typing import Any

import proton
import pytest
from azure.servicebus import ServiceBusReceivedMessage

from devhost import errors, message_body


def received(body: Any, *, data_section: bool = False) -> ServiceBusReceivedMessage:
    return ServiceBusReceivedMessage.from_bytes(bytes(proton.Message(body=body, inferred=data_section).encode()))


def test_a_body_is_handed_over_as_bytes_where_the_app_asks_for_them() -> None:
    assert vars(message_body.build(received(b"\xff\xfe\x00", data_section=True), binary=True)) == {
        "bytes": b"\xff\xfe\x00"
    }


def test_a_body_is_handed_over_as_text_otherwise() -> None:
    assert vars(message_body.build(received("é".encode(), data_section=True), binary=False)) == {"string": "é"}


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_is_obeyed_and_left_out(encoding: str) -> None:
    assert message_body.as_text('{"a":"é"}'.encode(encoding)) == '{"a":"é"}'


def test_bytes_that_are_no_text_become_replacement_characters() -> None:
    assert message_body.as_text(b"a\xffb") == "a\N{REPLACEMENT CHARACTER}b"


def test_a_broken_text_with_a_mark_keeps_what_can_be_read() -> None:
    assert message_body.as_text(b"\xff\xfea") == "\N{REPLACEMENT CHARACTER}" * 2 + "a"


@pytest.mark.parametrize("binary", [False, True])
def test_an_amqp_value_that_is_text_is_handed_over(binary: bool) -> None:
    field, content = next(iter(vars(message_body.build(received("text"), binary=binary)).items()))

    assert (field, content) == (("bytes", b"text") if binary else ("string", "text"))


@pytest.mark.parametrize(
    ("message", "kind"),
    [
        pytest.param(received(7), "value", id="a number"),
        pytest.param(received({"a": 1}), "value", id="a map"),
        pytest.param(received(["a"], data_section=True), "sequence", id="a sequence"),
    ],
)
def test_a_body_of_another_kind_is_refused(message: ServiceBusReceivedMessage, kind: str) -> None:
    with pytest.raises(errors.BodyNotBindable, match=f"of type {kind}"):
        message_body.build(message, binary=False)
