"""Who gets what of the quota, and when."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from shared.graph import budget
from shared.graph.budget import Budget, Grant
from tests.fakes import NOW
from tests.unit.graph.budget_helpers import after, grants, most_in, refused


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
