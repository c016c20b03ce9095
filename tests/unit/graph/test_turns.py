"""When those come back who find no place."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.graph import budget
from shared.graph.budget import Budget
from shared.graph.turns import HORIZON, LONGEST_PUT_OFF, PACE, Turns
from tests.fakes import NOW

MAX_WAIT = timedelta(seconds=10)
THROTTLED = replace(Budget(), level=0.5, refused_level=0.5, rises_from=NOW)
FULL_PER_SECOND = budget.QUOTA / budget.SPAN.total_seconds()


def turns(count: int, known: Budget, *, now: datetime = NOW) -> list[float]:
    each = Turns(max_wait=MAX_WAIT, jitter=lambda: 0.5)
    return [(each.next(known, now) - now).total_seconds() for _ in range(count)]


@pytest.mark.parametrize("known", [THROTTLED, replace(THROTTLED, level=budget.LOWEST)], ids=["slow", "slowest"])
def test_they_come_one_after_the_other_at_the_pace_of_the_full_quota(known: Budget) -> None:
    waits = turns(2000, known)

    assert waits == pytest.approx([10 + number / FULL_PER_SECOND for number in range(1, 2001)])


def test_the_first_comes_when_the_gate_opens() -> None:
    known = replace(THROTTLED, closed_until=NOW + timedelta(minutes=2))

    assert turns(1, known) == pytest.approx([120 + 10 + 1 / FULL_PER_SECOND])


def test_who_would_come_too_late_comes_at_any_time_before_and_delays_nobody() -> None:
    longest = LONGEST_PUT_OFF.total_seconds()
    in_turn = int(longest * FULL_PER_SECOND)
    each = Turns(max_wait=MAX_WAIT, jitter=lambda: 0.5)

    waits = [(each.next(THROTTLED, NOW) - NOW).total_seconds() for _ in range(in_turn + 1000)]

    assert max(waits) <= 10 + longest
    assert set(waits[in_turn + 1 :]) == {10 + longest / 2}
    a_little_later = NOW + timedelta(seconds=1)
    assert each.next(THROTTLED, a_little_later) > a_little_later + LONGEST_PUT_OFF


def test_who_comes_at_the_last_moment_that_is_not_too_late_comes_in_turn() -> None:
    each = Turns(max_wait=PACE * 2, jitter=lambda: 0.5)
    each.next(Budget(), NOW)

    assert each.next(THROTTLED, NOW) == NOW + PACE * 2 + LONGEST_PUT_OFF


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
