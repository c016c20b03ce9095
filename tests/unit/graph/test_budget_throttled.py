"""What a throttling changes: the gate, the level, and what was promised."""

from dataclasses import replace
from datetime import timedelta

import pytest

from shared.graph import budget
from shared.graph.budget import Budget, Refused
from tests.fakes import NOW
from tests.unit.graph.budget_helpers import SECOND, after, grants, refused


def test_a_throttling_closes_the_gate_lowers_the_level_and_voids_what_was_promised_for_later() -> None:
    known, _ = grants(Budget(), 8, 20)

    throttled = refused(known, NOW + SECOND, after(7), sent_at=NOW)
    _, (next_grant,) = grants(throttled, 1, 20, at=1)

    assert budget.level(throttled, NOW + SECOND) == pytest.approx(budget.FALL)
    assert throttled.epoch == known.epoch + 1
    assert next_grant.at >= NOW + SECOND + after(7) + budget.REOPENING
    assert next_grant.writes == int(20 * budget.FALL)
    assert throttled.grants == known.grants[:5]


def test_what_was_granted_at_the_very_moment_of_a_throttling_counts_as_used() -> None:
    known, granted = grants(Budget(), 2, 20)

    assert refused(known, NOW, SECOND, sent_at=NOW).grants == tuple(granted)


def test_what_was_granted_a_whole_window_before_a_throttling_was_not_what_was_refused() -> None:
    known, _ = grants(Budget(), 5, 20)
    later = NOW + budget.SPAN

    assert refused(known, later, SECOND, sent_at=later).level == pytest.approx(budget.FALL**2)


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


def test_from_where_it_was_refused_the_level_rises_at_once_as_the_cube_of_the_seconds() -> None:
    known = replace(Budget(), level=0.3, refused_level=0.3, rises_from=NOW)

    assert budget.level(known, NOW + after(30)) == pytest.approx(0.3 + budget.RISE * 30**3)


def test_from_the_lowest_level_to_the_full_one_takes_less_than_a_minute() -> None:
    known = replace(Budget(), level=budget.LOWEST, refused_level=budget.LOWEST, rises_from=NOW)

    assert budget.level(known, NOW) == pytest.approx(budget.LOWEST)
    assert budget.level(known, NOW + after(60)) == 1.0


def test_the_way_back_to_where_it_was_refused_takes_twenty_seconds() -> None:
    known = replace(Budget(), level=budget.LOWEST, refused_level=1.0, rises_from=NOW)

    assert budget.level(known, NOW + budget.WAY_BACK / 2) > 0.85
    assert budget.level(known, NOW + budget.WAY_BACK) == 1.0


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


def test_an_answer_that_asks_for_no_longer_than_is_known_changes_nothing() -> None:
    known = refused(Budget(), NOW, after(100), sent_at=NOW)

    assert refused(known, NOW + SECOND, after(99), sent_at=NOW + SECOND, what=Refused.BUSY) == known


def test_other_answers_that_ask_to_wait_close_the_gate_and_leave_the_level() -> None:
    known = refused(Budget(), NOW, after(5), sent_at=NOW, what=Refused.BUSY)

    assert (known.level, known.epoch, known.closed_until) == (1.0, 0, NOW + after(5) + budget.REOPENING)
    assert refused(Budget(), NOW, None, sent_at=NOW, what=Refused.BUSY) == Budget()


@pytest.mark.parametrize("seconds", [5, 45], ids=["on its way back", "beyond where it was refused"])
def test_the_level_does_not_rise_while_another_answer_keeps_the_gate_closed(seconds: int) -> None:
    lowered = refused(Budget(), NOW, SECOND, sent_at=NOW)
    later = NOW + after(seconds)
    reached = budget.level(lowered, later)

    closed = refused(lowered, later, after(600), sent_at=later, what=Refused.BUSY)

    assert budget.level(closed, closed.closed_until) == pytest.approx(reached)
    assert budget.level(closed, closed.closed_until + after(90)) == 1.0


def test_a_refused_read_closes_the_gate_and_leaves_the_level_and_what_was_promised() -> None:
    known, _ = grants(Budget(), 8, 20)

    closed = refused(known, NOW + SECOND, None, sent_at=NOW, what=Refused.READ)

    assert closed.closed_until == NOW + SECOND + budget.FIRST_CLOSURE + budget.REOPENING
    assert (budget.level(closed, NOW + SECOND), closed.epoch, closed.grants) == (1.0, 0, known.grants)


def test_a_short_closure_counts_as_time_gone_by() -> None:
    known = refused(grants(Budget(), 5, 20)[0], NOW, None, sent_at=NOW)

    assert budget.level(known, NOW) == pytest.approx(budget.FALL)
    assert budget.level(known, known.closed_until) == pytest.approx(0.96, abs=0.01)


def test_the_level_does_not_rise_unseen_during_a_long_closure() -> None:
    known = refused(grants(Budget(), 5, 20)[0], NOW, after(600), sent_at=NOW)

    assert budget.level(known, known.closed_until) == pytest.approx(0.96, abs=0.01)


def test_below_the_full_level_no_more_goes_at_once_than_the_even_pace_allows() -> None:
    known = replace(Budget(), level=0.5, refused_level=0.5, rises_from=NOW)

    _, granted = grants(known, 3, 20)

    assert [(grant.at - NOW, grant.writes) for grant in granted] == [(budget.PACE * n, 10) for n in range(3)]


def test_after_a_fall_nothing_goes_before_what_was_used_at_the_old_level_has_left_the_window() -> None:
    known, _ = grants(Budget(), 5, 20)
    fallen = replace(known, level=0.5, refused_level=0.5, rises_from=NOW + budget.SPAN)

    _, (grant,) = grants(fallen, 1, 20, at=10)

    assert (grant.at, grant.writes) == (NOW + budget.SPAN, 10)
