"""Bodies that no sender of good faith writes: each ends as InvalidMessage with a JSON path, soon, and quotes nothing."""

import gzip
import json
import sys
import time
import tracemalloc

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract, strict_json
from tests import builders

GOOD = json.dumps(builders.offboarded_body()).encode()
SECRET = "geheim"

LIMIT_SECONDS = 0.2 if sys.gettrace() is None and "mutmut" not in sys.modules else 2.0
"""Of processor time. Under a tracer, as for coverage, and with mutmut's wrappers all is several times slower."""


def seconds_to_refuse(body: bytes) -> float:
    """The best of three, so that a busy machine does not count."""
    return min(_seconds_to_refuse(body) for _ in range(3))


def _seconds_to_refuse(body: bytes) -> float:
    message, started = builders.message(body), time.process_time()
    with pytest.raises(InvalidMessage):
        contract.decode(message, events.UserOffboarded.TYPE)
    return time.process_time() - started


HOSTILE = {
    "empty": (b"", "$"),
    "blank": (b"  \n", "$"),
    "not JSON": (b"{'user': 'geheim'}", "$"),
    "cut": (GOOD[:-3], "$"),
    "followed by more": (GOOD + b"{}", "$"),
    "UTF-16 with a mark": (GOOD.decode().encode("utf-16"), "$"),
    "UTF-16 without": (GOOD.decode().encode("utf-16-be"), "$"),
    "UTF-32": (GOOD.decode().encode("utf-32"), "$"),
    "Latin-1": ('{"user":{"userPrincipalName":"gehei\xe4m@x"}}'.encode("latin-1"), "$"),
    "two byte order marks": (b"\xef\xbb\xbf\xef\xbb\xbf" + GOOD, "$"),
    "gzip": (gzip.compress(GOOD, mtime=0), "$"),
    "NUL in front": (b"\x00" + GOOD, "$"),
    "raw NUL in a string": (b'{"user":{"userPrincipalName":"gehe\x00im@x"}}', "$"),
    "escaped NUL": (rb'{"user":{"userPrincipalName":"gehe\u0000im@x"}}', "$.user.userPrincipalName"),
    "a list": (b"[" + GOOD + b"]", "$"),
    "null": (b"null", "$"),
    "a string": (b'"geheim"', "$"),
    "a number": (b"1", "$"),
    "true": (b"true", "$"),
    "NaN": (b"NaN", "$"),
    "NaN inside": (b'{"reason":NaN}', "$.reason"),
    "Infinity": (b'{"user":{"id":Infinity}}', "$.user.id"),
    "-Infinity": (b'{"a":[1,-Infinity]}', "$.*[1]"),
    "1e999": (b'{"reason":1e999}', "$.reason"),
    "-1e999": (b'{"reason":[-1e999]}', "$.reason[0]"),
    "5,000 digits": (b'{"reason":' + b"9" * 5000 + b"}", "$.reason"),
    "minus 5,000 digits": (b'{"reason":-' + b"9" * 5000 + b"}", "$.reason"),
    "21 digits": (b'{"reason":' + b"9" * 21 + b"}", "$.reason"),
    "a repeated key": (b'{"dryRun":true,"dryRun":false}', "$.dryRun"),
    "a repeated key inside": (b'{"user":{"id":1,"id":2}}', "$.user.id"),
    "a repeated key, escaped once": (rb'{"dryRun":true,"dry\u0052un":false}', "$.dryRun"),
    "half a surrogate pair": (rb'{"reason":"geheim\ud800"}', "$.reason"),
    "the other half": (rb'{"user":{"userPrincipalName":"a\udc00@x"}}', "$.user.userPrincipalName"),
    "half a surrogate pair in a key": (rb'{"geheim\ud800":1}', "$.*"),
    "half a surrogate pair in a deep key": (rb'{"x":[{"geheim\ud800":{}}]}', "$.*[0].*"),
    "surrogates as raw bytes": (b'{"reason":"\xed\xa0\x80"}', "$"),
    "100,000 brackets": (b"[" * 100_000, "$"),
    "100,000 braces": (b'{"a":' * 30_000, "$"),
    "33 deep": (b'{"a":' * 33 + b"1" + b"}" * 33, "$" + ".*" * 33),
    "more than 192 KiB": (b'{"reason":"' + b"a" * strict_json.MAX_BYTES + b'"}', "$"),
    "100 MB": (b"[" * 100_000_000, "$"),
    "one entry too many": (json.dumps({"user": {"previousUserPrincipalNames": ["a@x"] * 21}}).encode(), "$.user"),
}


@pytest.mark.parametrize("event_type", list(contract.MODELS))
@pytest.mark.parametrize(("body", "path"), list(HOSTILE.values()), ids=list(HOSTILE))
def test_a_hostile_body_is_an_invalid_message_with_a_path(body: bytes, path: str, event_type: str) -> None:
    message = builders.message(body)

    with pytest.raises(InvalidMessage) as refusal:
        contract.decode(message, event_type)

    if event_type == events.UserOffboarded.TYPE or "user" not in path:
        assert refusal.value.path.startswith(path)
    assert SECRET not in str(refusal.value)
    assert len(str(refusal.value)) < 500
    assert refusal.value.__cause__ is None
    assert seconds_to_refuse(body) < LIMIT_SECONDS


WIDE = {
    "a list of 60,000 numbers": b'{"a":[' + b"1," * 60_000 + b"1]}",
    "12,000 keys": json.dumps({f"k{number}": 1 for number in range(12_000)}).encode(),
    "lists beside each other": b'{"a":[' + b"[]," * 50_000 + b"[]]}",
    "a long name": json.dumps({"user": {"userPrincipalName": "a" * 190_000}}).encode(),
    "a long serial number": json.dumps({"device": {"serialNumber": " " * 190_000}}).encode(),
    "many names": json.dumps({"user": {"previousUserPrincipalNames": list(range(28_000))}}).encode(),
    "31 deep, wide below": b'{"a":' * 30 + b"[" + b"1," * 40_000 + b"1]" + b"}" * 30,
}


@pytest.mark.parametrize("body", list(WIDE.values()), ids=list(WIDE))
def test_a_wide_body_is_refused_as_quickly(body: bytes) -> None:
    assert len(body) <= strict_json.MAX_BYTES

    assert seconds_to_refuse(body) < LIMIT_SECONDS


LARGE = {
    "100 MB": (HOSTILE["100 MB"][0], 1_000_000),
    "100,000 brackets": (HOSTILE["100,000 brackets"][0], 2_000_000),
    "lists beside each other": (WIDE["lists beside each other"], 8_000_000),
    "objects beside each other": (b'{"a":[' + b"{}," * 60_000 + b"{}]}", 8_000_000),
    "flaws beside each other": (b'{"a":[' + b"NaN," * 45_000 + b"NaN]}", 8_000_000),
}


@pytest.mark.parametrize(("body", "most"), list(LARGE.values()), ids=list(LARGE))
def test_a_body_takes_little_memory_beside_itself(body: bytes, most: int) -> None:
    message = builders.message(body)
    tracemalloc.start()
    try:
        with pytest.raises(InvalidMessage):
            contract.decode(message, events.UserOffboarded.TYPE)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < most


def test_a_byte_order_mark_is_read_over() -> None:
    event = contract.decode(builders.message(b"\xef\xbb\xbf" + GOOD), events.UserOffboarded.TYPE)

    assert isinstance(event, events.UserOffboarded)
    assert event.user_principal_name == builders.LEAVER


def test_the_largest_body_and_the_longest_number_are_read() -> None:
    number = "9" * strict_json.MAX_DIGITS
    body = GOOD[:-1] + f', "more": {number}, "x": "'.encode()
    body += b"a" * (strict_json.MAX_BYTES - len(body) - 2) + b'"}'
    assert len(body) == strict_json.MAX_BYTES

    event = contract.decode(builders.message(body), events.UserOffboarded.TYPE)

    assert isinstance(event, events.UserOffboarded)


def test_text_in_any_direction_is_text() -> None:
    body = builders.offboarded_body(reason="\u202eevol\u202c 😀 ע", user={"userPrincipalName": "\u05d0@contoso.com"})

    event = contract.decode(builders.message(body), events.UserOffboarded.TYPE)

    assert event.request.reason == "\u202eevol\u202c 😀 ע"


def test_a_path_shows_no_key_that_could_be_somebodys_name() -> None:
    assert strict_json.render(("user", "leaver@contoso.com", 3, "a b", "k" * 42)) == "$.user.*[3].*.*"


def test_rule_9_a_key_that_may_be_somebodys_name_is_not_shown() -> None:
    with pytest.raises(InvalidMessage) as raised:
        strict_json.loads(b'{"people":{"AdeleVance":NaN}}')

    assert raised.value.path == "$.*.*"


def test_the_keys_that_are_shown_are_those_of_the_contract() -> None:
    for model in contract.schemas().values():
        definitions = [model, *model["$defs"].values()]
        for key in {key for each in definitions for key in each.get("properties", {})}:
            assert strict_json.render((key,)) == f"$.{key}"
