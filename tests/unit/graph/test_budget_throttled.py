"""What a throttling changes: the gate, the level, and what was promised."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from shared.graph import budget
from shared.graph.budget import Budget, Grant, Refused
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


def out(known: Budget, times: int, *, first: datetime = NOW, what: Refused = Refused.WRITE) -> Budget:
    """So many refusals in a row of the first write after each opening."""
    now = first
    for _ in range(times):
        known, grant = budget.reserve(known, 1, now)
        known = refused(known, grant.at + SECOND, None, sent_at=grant.at, what=what)
        now = known.closed_until
    return known


@pytest.mark.parametrize("what", [Refused.WRITE, Refused.READ])
def test_when_nothing_gets_through_one_write_goes_alone_and_then_the_level_is_back_soon(what: Refused) -> None:
    known = out(Budget(), 2 * budget.OUTAGE, what=what)

    _, granted = grants(known, 3, 20, at=(known.closed_until - NOW).total_seconds())

    assert [grant.writes for grant in granted] == [1, 1, 1]
    assert [grant.at for grant in granted] == [known.closed_until + budget.PACE * n for n in range(3)]
    assert budget.level(known, known.closed_until) == budget.LOWEST
    assert budget.level(known, known.closed_until + budget.LONGEST_WAY_BACK) == 1.0


def test_it_is_back_no_further_than_it_was_when_the_refusals_began() -> None:
    known = replace(Budget(), level=0.3, refused_level=0.3, rises_from=NOW)

    known = out(known, 2 * budget.OUTAGE)

    assert budget.level(known, known.closed_until + budget.LONGEST_WAY_BACK) == pytest.approx(0.3, abs=0.01)


def test_a_few_refusals_in_a_row_are_no_outage() -> None:
    known = out(Budget(), budget.OUTAGE - 1)

    assert known.level > budget.LOWEST


def test_where_more_than_a_few_got_through_the_level_falls_as_ever() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + after(6)
    known = replace(known, grants=(*known.grants, Grant(known.closed_until + SECOND, 6)))
    allowed = budget.level(known, later)

    known = refused(known, later, None, sent_at=later)

    assert known.refused_level == pytest.approx(allowed * budget.FALL)
    assert known.level == pytest.approx(allowed * budget.FALL**2)


def test_a_refusal_some_time_after_the_opening_tells_the_level_that_got_through() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + budget.PACE * 2 + SECOND

    known = refused(known, later, None, sent_at=later)

    assert known.level_before == pytest.approx(budget.level(out(Budget(), budget.OUTAGE), later))
