"""Who gets what of the quota, and what a throttling changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.graph import budget
from shared.graph.budget import Budget, Grant, Refused
from tests.fakes import NOW

SECOND = timedelta(seconds=1)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def grants(known: Budget, count: int, wanted: int, *, at: float = 0) -> tuple[Budget, list[Grant]]:
    granted = []
    for _ in range(count):
        known, grant = budget.reserve(known, wanted, NOW + after(at))
        granted.append(grant)
    return known, granted


def refused(
    known: Budget, now: datetime, wait: timedelta | None, *, sent_at: datetime, what: Refused = Refused.WRITE
) -> Budget:
    return budget.throttled(known, now, wait, sent_at=sent_at, refused=what)


def most_in(window: timedelta, granted: list[Grant]) -> int:
    ends = [grant.at for grant in granted]
    return max(sum(grant.writes for grant in granted if end - window < grant.at <= end) for end in ends)


def test_the_first_hundred_writes_need_not_wait() -> None:
    _, granted = grants(Budget(), 5, 20)

    assert granted == [Grant(NOW, 20)] * 5


def test_from_then_on_a_batch_goes_at_an_even_pace_within_five_percent_of_the_quota() -> None:
    _, granted = grants(Budget(), 50, 20)

    assert granted[5].at == NOW + budget.SPAN
    assert {later.at - one.at for one, later in pairwise(granted[5:])} == {budget.PACE}
    assert granted[-1].at - NOW <= after(200) * 1.05


def test_who_wants_less_than_a_batch_gets_no_more_while_there_is_room() -> None:
    _, granted = grants(Budget(), 3, 2)

    assert granted == [Grant(NOW, 2)] * 3


def test_when_room_is_short_what_is_left_is_given_first() -> None:
    known, _ = grants(Budget(), 4, 20)
    known, _ = grants(known, 1, 15)

    _, granted = grants(known, 2, 20)

    assert [grant.writes for grant in granted] == [5, 20]
    assert granted[0].at == NOW < granted[1].at


@given(
    st.lists(
        st.tuples(
            st.floats(0, 8), st.integers(1, 20), st.sampled_from(["reserve"] * 6 + ["throttled"]), st.floats(0.05, 1)
        ),
        min_size=30,
        max_size=120,
    )
)
def test_rule_7_no_window_of_twenty_seconds_holds_more_grants_than_the_quota(
    steps: list[tuple[float, int, str, float]],
) -> None:
    known, now = Budget(), NOW
    granted: list[Grant] = []
    for pause, wanted, what, ceiling in steps:
        now += after(pause)
        if what == "throttled":
            known = refused(known, now, after(pause), sent_at=now)
            granted = [grant for grant in granted if grant.at <= now]
        else:
            known, grant = budget.reserve(known, wanted, now, ceiling=ceiling)
            assert grant.writes > 0
            assert grant.at >= now
            assert grant.at >= known.closed_until
            granted.append(grant)

    if granted:
        assert most_in(budget.SPAN, granted) <= budget.QUOTA
    assert len(known.grants) <= budget.QUOTA


def test_a_throttling_closes_the_gate_lowers_the_level_and_voids_what_was_promised_for_later() -> None:
    known, _ = grants(Budget(), 8, 20)

    throttled = refused(known, NOW + SECOND, after(7), sent_at=NOW)
    _, (next_grant,) = grants(throttled, 1, 20, at=1)

    assert budget.level(throttled, NOW + SECOND) == pytest.approx(budget.FALL)
    assert throttled.epoch == known.epoch + 1
    assert next_grant.at >= NOW + SECOND + after(7) + budget.REOPENING
    assert next_grant.writes == int(20 * budget.FALL)


def test_answers_to_what_was_sent_before_lower_the_level_once_only() -> None:
    once = refused(Budget(), NOW, after(3), sent_at=NOW - SECOND)

    again = refused(once, NOW + SECOND, after(9), sent_at=NOW - SECOND)

    assert (again.epoch, again.closings) == (once.epoch, once.closings)
    assert budget.level(again, again.closed_until) <= budget.level(once, again.closed_until)
    assert again.closed_until == NOW + SECOND + after(9) + budget.REOPENING


def test_the_level_returns_to_where_it_was_refused_lingers_there_and_then_rises_to_the_full_quota() -> None:
    known = replace(Budget(), level=0.32, refused_level=0.4, rises_from=NOW)

    levels = [budget.level(known, NOW + after(seconds)) for seconds in range(0, 120, 5)]

    assert levels == sorted(levels)
    assert levels[0] == pytest.approx(0.32)
    assert len([each for each in levels if 0.38 <= each <= 0.42]) >= 6
    assert levels[-1] == 1.0


def test_from_the_lowest_level_to_the_full_one_takes_less_than_a_minute() -> None:
    known = replace(Budget(), level=budget.LOWEST, refused_level=budget.LOWEST, rises_from=NOW)

    assert budget.level(known, NOW) == pytest.approx(budget.LOWEST)
    assert budget.level(known, NOW + after(60)) == 1.0


def test_the_way_back_to_where_it_was_refused_takes_twenty_seconds_at_most() -> None:
    known = replace(Budget(), level=budget.LOWEST, refused_level=1.0, rises_from=NOW)

    assert budget.level(known, NOW + budget.LONGEST_WAY_BACK / 2) > 0.85
    assert budget.level(known, NOW + budget.LONGEST_WAY_BACK) == 1.0


def test_a_level_that_had_risen_unused_falls_towards_what_was_used() -> None:
    known, _ = grants(Budget(), 1, 10)

    throttled = refused(known, NOW + SECOND, SECOND, sent_at=NOW)

    assert throttled.level == pytest.approx(budget.FALL**2)


@pytest.mark.parametrize(
    ("asked", "closed_for"),
    [
        pytest.param(after(0), SECOND, id="no time at all"),
        pytest.param(after(120), after(120), id="two minutes"),
        pytest.param(timedelta(days=1), timedelta(minutes=15), id="absurd"),
        pytest.param(None, budget.FIRST_CLOSURE, id="not said"),
    ],
)
def test_the_gate_is_closed_as_long_as_graph_asked_within_reason(
    asked: timedelta | None, closed_for: timedelta
) -> None:
    assert refused(Budget(), NOW, asked, sent_at=NOW).closed_until == NOW + closed_for + budget.REOPENING


@pytest.mark.parametrize("what", [Refused.WRITE, Refused.READ])
def test_where_graph_never_says_how_long_each_closing_doubles_up_to_one_attempt_in_half_a_minute(what: Refused) -> None:
    known, now, waits = Budget(), NOW, []
    for _ in range(6):
        known = refused(known, now, None, sent_at=now, what=what)
        waits.append((known.closed_until - now - budget.REOPENING).total_seconds())
        now = known.closed_until + SECOND

    assert waits == [4, 8, 16, 26, 26, 26]
    assert after(26) + budget.REOPENING >= after(30)


def test_a_throttling_long_after_the_gate_opened_is_a_first_one_again() -> None:
    known = refused(Budget(), NOW, None, sent_at=NOW)
    later = known.closed_until + budget.IN_A_ROW

    again = refused(known, later, None, sent_at=later)

    assert (again.closings, again.closed_until) == (1, later + budget.FIRST_CLOSURE + budget.REOPENING)


def test_a_longer_closing_is_not_shortened_by_a_later_answer() -> None:
    known = refused(Budget(), NOW, after(100), sent_at=NOW)

    assert (
        refused(known, NOW + SECOND, after(1), sent_at=NOW + SECOND).closed_until == NOW + after(100) + budget.REOPENING
    )


def test_other_answers_that_ask_to_wait_close_the_gate_and_leave_the_level() -> None:
    known = refused(Budget(), NOW, after(5), sent_at=NOW, what=Refused.BUSY)

    assert (known.level, known.epoch, known.closed_until) == (1.0, 0, NOW + after(5) + budget.REOPENING)
    assert refused(Budget(), NOW, None, sent_at=NOW, what=Refused.BUSY) == Budget()


def test_the_level_does_not_rise_while_another_answer_keeps_the_gate_closed() -> None:
    lowered = refused(Budget(), NOW, SECOND, sent_at=NOW)
    reached = budget.level(lowered, NOW + after(5))

    closed = refused(lowered, NOW + after(5), after(600), sent_at=NOW + after(5), what=Refused.BUSY)

    assert budget.level(closed, closed.closed_until) == pytest.approx(reached)
    assert budget.level(closed, closed.closed_until + after(90)) == 1.0


def test_a_refused_read_closes_the_gate_and_leaves_the_level_and_what_was_promised() -> None:
    known, _ = grants(Budget(), 8, 20)

    closed = refused(known, NOW + SECOND, None, sent_at=NOW, what=Refused.READ)

    assert closed.closed_until == NOW + SECOND + budget.FIRST_CLOSURE + budget.REOPENING
    assert (budget.level(closed, NOW + SECOND), closed.epoch, closed.grants) == (1.0, 0, known.grants)
