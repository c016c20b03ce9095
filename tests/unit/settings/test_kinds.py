from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from shared.settings import kinds


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90", timedelta(seconds=90)),
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("7 D", timedelta(days=7)),
        ("1.5h", timedelta(minutes=90)),
        ("0.05s", timedelta(milliseconds=50)),
        ("366d", timedelta(days=366)),
    ],
)
def test_a_duration_is_seconds_or_has_a_unit(text: str, duration: timedelta) -> None:
    assert kinds.DURATION.parse(text) == duration


@pytest.mark.parametrize(("text", "days"), [("367d", 367), ("3660d", 3660)])
def test_a_long_duration_may_take_ten_years(text: str, days: int) -> None:
    assert kinds.LONG_DURATION.parse(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["0", "3661d", "ever"])
def test_what_is_no_long_duration_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        kinds.LONG_DURATION.parse(text)


@pytest.mark.parametrize(
    "text",
    ["", "0", "0m", "-5", "1,5h", ".5h", "1.2345s", "٧s", "10 minutes", "1w", "367d", "9" * 10, "m", "1h30m", "PT5M"],
)
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(ValueError, match="not a duration"):
        kinds.DURATION.parse(text)


@pytest.mark.parametrize("text", ["true", "True", "1", "YES", "on"])
def test_true_is_written_in_several_ways(text: str) -> None:
    assert kinds.FLAG.parse(text) is True


@pytest.mark.parametrize("text", ["false", "FALSE", "0", "no", "Off"])
def test_false_is_written_in_several_ways(text: str) -> None:
    assert kinds.FLAG.parse(text) is False


@pytest.mark.parametrize("text", ["tru", "y", "2", "-", "wahr"])
def test_a_flag_that_is_neither_is_refused_and_never_means_false(text: str) -> None:
    with pytest.raises(ValueError, match="neither"):
        kinds.FLAG.parse(text)


@pytest.mark.parametrize(("text", "value"), [("1", 1), ("10", 10), ("007", 7)])
def test_a_number_lies_within_its_bounds(text: str, value: int) -> None:
    assert kinds.number(1, 10).parse(text) == value


@pytest.mark.parametrize("text", ["0", "11", "-1", "1.0", "ten", "٧", "²", "1" * 5000, "1e1", "+1"])
def test_a_number_outside_its_bounds_or_in_another_form_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="bounds"):
        kinds.number(1, 10).parse(text)


@pytest.mark.parametrize(
    ("text", "words"), [("", ()), (" , ,", ()), ("a", ("a",)), (" a@x, *@y ,,b", ("a@x", "*@y", "b"))]
)
def test_a_list_is_separated_by_commas(text: str, words: tuple[str, ...]) -> None:
    assert kinds.WORDS.parse(text) == words


GOOD: list[tuple[Callable[[str], Any], str]] = [
    (kinds.SECRET.parse, ""),
    (kinds.SECRET.parse, "k" * 16),
    (kinds.HOST.parse, ""),
    (kinds.HOST.parse, "contoso.servicebus.windows.net"),
    (kinds.CONNECTION_STRING.parse, ""),
    (kinds.CONNECTION_STRING.parse, "Endpoint=sb://127.0.0.1:5672;SharedAccessKeyName=n;SharedAccessKey=k"),
    (kinds.text("any").parse, "any"),
]
BAD: list[tuple[Callable[[str], Any], str]] = [
    (kinds.SECRET.parse, "geheim"),
    (kinds.HOST.parse, "geheim"),
    (kinds.HOST.parse, "https://geheim.servicebus.windows.net"),
    (kinds.HOST.parse, "geheim.servicebus.windows.net:5671"),
    (kinds.HOST.parse, "geheim servicebus.net"),
    (kinds.CONNECTION_STRING.parse, "SharedAccessKey=geheim"),
]


@pytest.mark.parametrize(("parse", "text"), GOOD)
def test_a_value_of_the_right_form_is_kept_as_it_is(parse: Callable[[str], Any], text: str) -> None:
    assert parse(text) == text


@pytest.mark.parametrize(("parse", "text"), BAD)
def test_a_refusal_never_quotes_the_value(parse: Callable[[str], Any], text: str) -> None:
    with pytest.raises(ValueError) as refusal:
        parse(text)

    assert "geheim" not in str(refusal.value)
