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


def test_no_grant_is_larger_than_a_batch() -> None:
    assert budget.reserve(Budget(), 50, NOW)[1] == Grant(NOW, budget.BATCH)


def test_nobody_goes_before_what_was_promised_to_another() -> None:
    promised = Grant(NOW + after(5), 20)

    _, grant = budget.reserve(Budget(grants=(promised,)), 20, NOW)

    assert grant.at == promised.at + budget.PACE


def test_what_was_granted_a_whole_window_ago_takes_no_place_and_is_forgotten() -> None:
    known, _ = grants(Budget(), 5, 20)
    later = NOW + budget.SPAN

    known, grant = budget.reserve(known, 2, later)

    assert grant == Grant(later, 2)
    assert known.grants == (grant,)


def test_all_that_ask_get_grants_up_to_the_last_moment_that_is_good() -> None:
    known, _ = grants(Budget(), 5, 20)
    until = NOW + budget.SPAN + budget.PACE

    known, granted = budget.reserve_for_all(known, 60, NOW, until=until)

    assert granted == [Grant(NOW + budget.SPAN, 20), Grant(until, 20)]
    assert known.grants[-2:] == tuple(granted)


def test_the_last_one_that_asks_gets_a_grant_too() -> None:
    _, granted = budget.reserve_for_all(Budget(), 21, NOW, until=NOW)

    assert [grant.writes for grant in granted] == [20, 1]


def test_a_ceiling_bounds_each_grant_for_all_that_ask() -> None:
    _, granted = budget.reserve_for_all(Budget(), 10, NOW, until=NOW + budget.PACE, ceiling=0.25)

    assert granted == [Grant(NOW, 5), Grant(NOW + budget.PACE, 5)]


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
