"""What is told of a body that is no JSON as the contract means it: where it breaks, and why."""

import pytest

from shared.domain.errors import InvalidMessage
from shared.messaging import strict_json

TOLD = {
    "too large": (b" " * 196_609, "$: the body has 196609 bytes; at most 196608 are allowed"),
    "not UTF-8": (b'{"a\xff":1}', "$: must be UTF-8; the byte at offset 3 is not"),
    "no JSON": (b'{\n "a": x}', "$: must be JSON; it breaks at line 2, column 7"),
    "no object": (b"[]", "$: must be a JSON object"),
    "no number": (b'{"reason":NaN}', "$.reason: NaN is not a JSON number"),
    "behind what is good": (b'{"user":{"id":"1"},"actions":[[]],"reason":NaN}', "$.reason: NaN is not a JSON number"),
    "a number too large": (b'{"reason":1e999}', "$.reason: the number is too large"),
    "too many digits": (b'{"reason":-' + b"1" * 21 + b"}", "$.reason: the number has more than 20 digits"),
    "a key twice": (b'{"user":{"id":1,"id":1}}', "$.user.id: the key is given twice"),
    "33 deep": (b'{"a":' * 33 + b"1" + b"}" * 33, "$" + ".*" * 33 + ": is nested more than 32 deep"),
    "endlessly deep": (b"[" * 100_000, "$: is nested more than 32 deep"),
    "half a character": (rb'{"reason":"\ud800"}', "$.reason: holds half of a surrogate pair, which is no text"),
    "half a character in a key": (rb'{"\udfff":1}', "$.*: the key holds half of a surrogate pair, which is no text"),
}


@pytest.mark.parametrize(("body", "says"), list(TOLD.values()), ids=list(TOLD))
def test_a_body_that_breaks_is_told_where_and_why(body: bytes, says: str) -> None:
    with pytest.raises(InvalidMessage) as refusal:
        strict_json.loads(body)

    assert str(refusal.value) == says


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":' * 32 + b"1" + b"}" * 32, None),
        (b'{"a":' + b"9" * 20 + b"}", {"a": 10**20 - 1}),
        (b'{"a":-' + b"9" * 20 + b"}", {"a": 1 - 10**20}),
        (b'{"a":-1.5e3}', {"a": -1500.0}),
        (rb'{"a":"\ud83d\ude00"}', {"a": "\U0001f600"}),
    ],
    ids=["32 deep", "20 digits", "minus 20 digits", "a fraction", "a whole pair"],
)
def test_what_just_fits_is_read(body: bytes, value: dict[str, object] | None) -> None:
    read = strict_json.loads(body)

    assert value is None or read == value
