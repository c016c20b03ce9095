"""When those come back who find no place."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.graph import budget
from shared.graph.budget import Budget
from shared.graph.turns import HORIZON, LONGEST_PUT_OFF, LONGEST_WHILE_CLOSED, OVERBOOKED, Turns
from tests.fakes import NOW

MAX_WAIT = timedelta(seconds=10)
THROTTLED = replace(Budget(), level=0.5, refused_level=0.5, rises_from=NOW)
FULL_PER_SECOND = budget.QUOTA / budget.SPAN.total_seconds() * OVERBOOKED


def turns(count: int, known: Budget, *, now: datetime = NOW) -> list[float]:
    each = Turns(max_wait=MAX_WAIT, jitter=lambda: 0.5)
    return [(each.next(known, now) - now).total_seconds() for _ in range(count)]


def test_they_come_one_after_the_other_at_twice_the_pace_that_there_will_be() -> None:
    first, second, third = turns(3, THROTTLED)

    assert first == pytest.approx(10 + 2 / FULL_PER_SECOND, rel=0.02)
    assert second - first == pytest.approx(third - second, rel=0.02)
    assert second - first == pytest.approx(2 / FULL_PER_SECOND, rel=0.02)


def test_the_pace_is_the_one_of_the_time_when_they_come() -> None:
    closed = NOW + timedelta(minutes=2)
    known = replace(THROTTLED, rises_from=closed, closed_until=closed)

    waits = turns(200, known)

    assert waits[1] - waits[0] == pytest.approx(2 / FULL_PER_SECOND, rel=0.02)
    assert waits[199] - waits[198] < waits[1] - waits[0]


def test_who_would_come_too_late_comes_at_any_time_before() -> None:
    waits = turns(1000, THROTTLED)

    assert max(waits) <= (MAX_WAIT + LONGEST_PUT_OFF).total_seconds()
    assert set(waits[900:]) == {(MAX_WAIT + LONGEST_PUT_OFF / 2).total_seconds()}


def test_while_nothing_gets_through_they_come_over_a_longer_time() -> None:
    closed = NOW + timedelta(seconds=30)
    known = replace(Budget(), level=budget.LOWEST, rises_from=closed, closed_until=closed)

    assert LONGEST_PUT_OFF.total_seconds() * 2 < max(turns(2000, known)) <= 40 + LONGEST_WHILE_CLOSED.total_seconds()
    assert max(turns(2000, replace(known, closed_until=NOW))) <= 10 + LONGEST_PUT_OFF.total_seconds()
    assert max(turns(2000, replace(known, level=0.5))) <= 40 + LONGEST_PUT_OFF.total_seconds()


def test_a_turn_that_has_passed_holds_nobody_back() -> None:
    each = Turns(max_wait=MAX_WAIT, jitter=lambda: 0.5)
    each.next(THROTTLED, NOW)
    later = NOW + timedelta(hours=1)

    assert each.next(replace(THROTTLED, rises_from=later), later) >= later + MAX_WAIT


def test_at_the_full_level_places_are_reserved_far_ahead_and_else_as_far_as_anybody_waits() -> None:
    each = Turns(max_wait=MAX_WAIT, jitter=lambda: 0.5)

    assert each.horizon(Budget(), NOW) == NOW + HORIZON
    assert each.horizon(THROTTLED, NOW) == NOW + MAX_WAIT
    assert each.horizon(replace(THROTTLED, closed_until=NOW + MAX_WAIT), NOW) == NOW + MAX_WAIT * 2
