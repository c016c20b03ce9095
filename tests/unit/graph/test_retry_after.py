"""Retry-After in every form, with the time passed in."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.graph import retry_after

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("120", 120),
        (" 120 ", 120),
        ("0", 0),
        ("2.128", 3),
        ("0.249", 1),
        ("7.", 7),
        ("10,10", 10),
        ("10, 30", 30),
        ("86400", 86400),
        ("86401", 86400),
        ("9" * 400, 86400),
        ("Sun, 22 Nov 2026 12:00:30 GMT", 30),
        ("Sun, 22 Nov 2026 12:00:30 -0000", 30),
        ("Sun, 22 Nov 2026 13:00:30 +0100", 30),
        ("Sun, 22 Nov 2026 11:59:00 GMT", 0),
        ("Sun, 22 Nov 2099 12:00:00 GMT", 86400),
    ],
)
def test_a_wish_that_can_be_understood_is_a_wait_in_whole_seconds(text: str, seconds: int) -> None:
    assert retry_after.parse(text, now=NOW) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        " ",
        "-5",
        "+5",
        "1e9",
        "nan",
        "inf",
        "0x10",
        "٣",
        "5 s",
        "soon",
        "10,",
        "10,soon",
        "Sun, 99 Nov 2026",
        "1," * 500 + "1",
    ],
)
def test_a_wish_that_cannot_is_none(text: str | None) -> None:
    assert retry_after.parse(text, now=NOW) is None


@pytest.mark.parametrize("text", ["Sun, 99999999999 Nov 2026 12:00:30 GMT", f"Sun, 22 Nov 2026 12:00:30 +{'9' * 20}"])
def test_a_date_with_absurdly_long_numbers_is_none_too(text: str) -> None:
    assert retry_after.parse(text, now=NOW) is None


def test_a_fraction_of_a_second_until_a_date_is_rounded_up() -> None:
    now = NOW + timedelta(milliseconds=1)

    assert retry_after.parse("Sun, 22 Nov 2026 12:00:30 GMT", now=now) == timedelta(seconds=30)


@given(st.text() | st.from_regex(r"[0-9.,:+\- ]{1,40}") | st.dates().map(str))
def test_no_text_breaks_it_or_makes_it_wait_for_more_than_a_day(text: str) -> None:
    wait = retry_after.parse(text, now=NOW)

    assert wait is None or timedelta(0) <= wait <= retry_after.LONGEST
