from datetime import UTC, datetime
from typing import Any

import pytest

from shared.messaging.mapping import expression
from shared.messaging.mapping.expression import Budget, NotEvaluated


def value(text: str, given: Any, **properties: Any) -> Any:
    return expression.read(text).value({"v": given}, properties, Budget())


@pytest.mark.parametrize(
    ("given", "zone", "moment"),
    [
        ("2026-11-30T17:00:00Z", "Europe/Berlin", "2026-11-30T17:00:00+00:00"),
        ("2026-11-30T17:00:00+0100", "UTC", "2026-11-30T17:00:00+01:00"),
        ("2026-11-30 17:00:00", "UTC", "2026-11-30T17:00:00+00:00"),
        ("2026-11-30 17:00:00", "Europe/Berlin", "2026-11-30T17:00:00+01:00"),
        ("2026-06-30", "Europe/Berlin", "2026-06-30T00:00:00+02:00"),
        (" 2026-11-30 ", "UTC", "2026-11-30T00:00:00+00:00"),
        ("/Date(1417392000000)/", "Europe/Berlin", "2014-12-01T00:00:00+00:00"),
        ("/Date(1417392000000+0000)/", "UTC", "2014-12-01T00:00:00+00:00"),
        ("1629186025244", "UTC", "2021-08-17T07:40:25.244000+00:00"),
        (1629186025244, "UTC", "2021-08-17T07:40:25.244000+00:00"),
        (100_000_000_000, "UTC", "1973-03-03T09:46:40+00:00"),
        ("2026-11-30T17:00:00." + "0" * 44, "UTC", "2026-11-30T17:00:00+00:00"),
        (None, "UTC", None),
    ],
)
def test_times_as_hr_systems_write_them(given: Any, zone: str, moment: str | None) -> None:
    assert value(f"timestamp(v, '{zone}')", given) == moment


@pytest.mark.parametrize(
    ("given", "zone", "moment"),
    [
        ("2026-11-30", "Europe/Berlin", "2026-12-01T00:00:00+01:00"),
        ("2026-03-28", "Europe/Berlin", "2026-03-29T00:00:00+01:00"),
        ("2026-12-31", "America/New_York", "2027-01-01T00:00:00-05:00"),
        ("/Date(1417392000000)/", "America/New_York", "2014-12-02T00:00:00-05:00"),
        ("2026-11-30T23:30:00+01:00", "UTC", "2026-12-01T00:00:00+00:00"),
        (None, "UTC", None),
    ],
    ids=["plain", "before summer time", "over a year's end", "a date as a moment in UTC", "the day it names", "none"],
)
def test_a_last_day_counts_to_its_end(given: Any, zone: str, moment: str | None) -> None:
    assert value(f"end_of_day(v, '{zone}')", given) == moment


@pytest.mark.parametrize(
    "given",
    ["tomorrow", "", "30.11.2026", "11/30/2026", 20261130, 10**18, "9999-12-31", "2026-11-30 " + "0" * 60, True],
)
def test_what_is_no_time_has_no_value(given: Any) -> None:
    with pytest.raises(NotEvaluated):
        value("end_of_day(v, 'UTC')", given)


def test_a_zone_from_the_message_that_is_none_has_no_value() -> None:
    with pytest.raises(NotEvaluated):
        value("timestamp('2026-11-30', v)", "Nowhere/Land")


@pytest.mark.parametrize(
    ("held", "found"),
    [("hr", "hr"), (7, 7), (datetime(2026, 11, 30, tzinfo=UTC), "2026-11-30T00:00:00+00:00")],
)
def test_application_properties_can_be_read(held: Any, found: Any) -> None:
    assert value("property('origin')", None, origin=held) == found
    assert value("property('other')", None, origin=held) is None


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (99_999_999_999, "a number that is no milliseconds since 1970"),
        ("2026-11-30T17:00:00." + "0" * 45, "too long for a time"),
    ],
    ids=["a number", "a text"],
)
def test_what_is_no_time_is_called_that_in_the_cause(given: Any, why: str) -> None:
    with pytest.raises(NotEvaluated) as error:
        value("timestamp(v, 'UTC')", given)

    assert str(error.value.__cause__) == why


@pytest.mark.parametrize("text", ["join(v, ['a'])", "join('a', v)"])
def test_what_cannot_be_joined_is_refused_by_the_library(text: str) -> None:
    with pytest.raises(NotEvaluated, match=r"\(JMESPathTypeError\)$"):
        value(text, 1)


def test_a_joined_text_may_have_a_million_characters_and_not_one_more() -> None:
    text = "x" * 250_000

    assert len(value("join('', [v, v, v, v])", text)) == 1_000_000
    with pytest.raises(NotEvaluated) as error:
        value("join('', [v, v, v, v, 'x'])", text)
    assert str(error.value.__cause__) == "the joined text would be too long"
