"""What was reserved and is not handed out yet: while it is good, the earliest first."""

from dataclasses import replace
from datetime import timedelta

from shared.graph import budget
from shared.graph.budget import Budget, Grant
from shared.graph.pool import Pool
from tests.fakes import NOW

SOON, LATER = NOW + timedelta(seconds=5), NOW + timedelta(seconds=9)


def filled() -> Pool:
    pool = Pool()
    pool.fill([Grant(NOW, 1), Grant(SOON, 2), Grant(LATER, 1)], epoch=0)
    return pool


def test_the_earliest_go_first_and_then_there_is_nothing() -> None:
    pool = filled()

    assert [pool.take(Budget(), NOW) for _ in range(5)] == [NOW, SOON, SOON, LATER, None]


def test_what_was_not_used_within_the_slack_is_no_longer_good() -> None:
    assert filled().take(Budget(), NOW + budget.SLACK) == NOW
    assert filled().take(Budget(), NOW + budget.SLACK + timedelta(milliseconds=1)) == SOON


def test_what_lies_before_the_gate_opens_is_no_longer_good() -> None:
    assert filled().take(Budget(closed_until=SOON + timedelta(seconds=1)), NOW) == LATER


def test_after_a_throttling_nothing_is_good() -> None:
    assert filled().take(replace(Budget(), epoch=1), NOW) is None


def test_what_is_given_back_is_there_for_the_next_if_it_is_of_this_reservation() -> None:
    pool = filled()
    assert pool.take(Budget(), NOW) == NOW

    pool.give_back(NOW, epoch=1)
    pool.give_back(NOW - timedelta(seconds=1), epoch=0)
    assert pool.take(Budget(), NOW) == SOON
    pool.give_back(NOW, epoch=0)

    assert pool.take(Budget(), NOW) == NOW
