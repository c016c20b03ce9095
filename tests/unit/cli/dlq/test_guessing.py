"""What the text of a body that is no event says to whoever looks for it."""

import json

import pytest

from cli.dlq import guessing
from shared.messaging.dead_lettered import DeadLettered
from tests import builders


def dead(body: bytes) -> DeadLettered:
    return DeadLettered(message=builders.message(body), sequence_number=1, reason="InvalidMessage", description="$")


@pytest.mark.parametrize(
    ("body", "about"),
    [
        (b'{"user": {"userPrincipleName": "a.b@x.example"}}', "a.b@x.example"),
        (b'{"requestedBy": "hr@x.example", "user": {"mail": "a.b@x.example"', "a.b@x.example"),
        (b"upn=a.b@x.example;ticket=7", "a.b@x.example"),
        (json.dumps({"mail": "a.b@x.example"}).encode("utf-16"), "a.b@x.example"),
        (b'{"device": {"serial_number": "SN-1"}, "dryrun": true}', "SN-1"),
        (b'{"reason": "left"}', ""),
        (b"\xff\xfe\x00", ""),
        (b"", ""),
    ],
)
def test_who_is_named_in_a_body_that_is_no_event_can_be_read(body: bytes, about: str) -> None:
    assert guessing.about(dead(body)) == about


def test_a_body_as_long_as_may_be_is_read_at_once() -> None:
    assert not guessing.about(dead((b"a" * 60 + b" " * 40) * 1900))
