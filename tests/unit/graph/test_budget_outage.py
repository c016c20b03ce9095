"""When nothing gets through: what is granted meanwhile, and how the level comes back."""

from dataclasses import replace
from datetime import datetime

import pytest

from shared.graph import budget
from shared.graph.budget import Budget, Grant, Refused
from tests.fakes import NOW
from tests.unit.graph.budget_helpers import SECOND, after, grants, refused


def out(known: Budget, times: int, *, first: datetime = NOW, what: Refused = Refused.WRITE) -> Budget:
    """So many refusals in a row of the first write after each opening."""
    now = first
    for _ in range(times):
        known, grant = budget.reserve(known, 1, now)
        known = refused(known, grant.at + SECOND, None, sent_at=grant.at, what=what)
        now = known.closed_until
    return known


@pytest.mark.parametrize("times", [budget.OUTAGE, 2 * budget.OUTAGE])
@pytest.mark.parametrize("what", [Refused.WRITE, Refused.READ])
def test_when_nothing_gets_through_one_write_goes_alone_and_then_the_level_is_back_soon(
    what: Refused, times: int
) -> None:
    known = out(Budget(), times, what=what)

    _, granted = grants(known, 3, 20, at=(known.closed_until - NOW).total_seconds())

    assert [grant.writes for grant in granted] == [1, 1, 1]
    assert [grant.at for grant in granted] == [known.closed_until + budget.PACE * n for n in range(3)]
    assert budget.level(known, known.closed_until) == budget.LOWEST
    assert budget.level(known, known.closed_until + budget.WAY_BACK) == 1.0


def test_it_is_back_no_further_than_it_was_when_the_refusals_began() -> None:
    known = replace(Budget(), level=0.3, refused_level=0.3, rises_from=NOW)

    known = out(known, 2 * budget.OUTAGE)

    assert budget.level(known, known.closed_until + budget.WAY_BACK) == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize(("times", "is_outage"), [(4, False), (5, True)])
def test_a_few_refusals_in_a_row_are_no_outage_and_five_are(times: int, *, is_outage: bool) -> None:
    known = out(Budget(), times)

    assert (known.level == budget.LOWEST) is is_outage


def test_where_more_than_a_few_got_through_the_level_falls_as_ever() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + after(6)
    known = replace(known, grants=(*known.grants, Grant(known.closed_until + SECOND, 6)))
    allowed = budget.level(known, later)

    known = refused(known, later, None, sent_at=later)

    assert known.refused_level == pytest.approx(allowed * budget.FALL)
    assert known.level == pytest.approx(allowed * budget.FALL**2)


def test_where_no_more_than_a_few_were_sent_their_refusal_says_nothing_about_how_many_may_be() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + after(6)
    few = int(budget.LOWEST * budget.QUOTA)
    known = replace(known, grants=(*known.grants, Grant(known.closed_until + SECOND, few)))

    known = refused(known, later, None, sent_at=later)

    assert (known.level, known.refused_level) == (budget.LOWEST, 1.0)


def test_a_refusal_of_the_first_batches_after_the_opening_leaves_the_level_from_before() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + budget.PACE * 2

    assert refused(known, later, None, sent_at=later).level_before == 1.0


def test_a_refusal_some_time_after_the_opening_tells_the_level_that_got_through() -> None:
    known = out(Budget(), budget.OUTAGE)
    later = known.closed_until + budget.PACE * 2 + SECOND

    known = refused(known, later, None, sent_at=later)

    assert known.level_before == pytest.approx(budget.level(out(Budget(), budget.OUTAGE), later))
