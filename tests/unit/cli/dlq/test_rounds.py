"""Rounds under locks: who is met, who is given back, and when it ends."""

import asyncio

import pytest

from cli.dlq import rounds
from shared.messaging.dead_lettered import DeadLettered
from tests.fakes import FakeClock
from tests.fakes_dead_letters import Broker, FakeDeadLetterQueue, a_letter


def letters(number: int) -> Broker:
    return Broker(*(a_letter(each) for each in range(1, number + 1)))


class Acting:
    """Completes what it is given, but for the numbers in `keeps`; may do something else first."""

    def __init__(self, queue: FakeDeadLetterQueue, *keeps: int) -> None:
        self.met: list[int] = []
        self.clock = FakeClock()
        self.stop_after = 1000
        self.takes_seconds = 0.0
        self._queue, self._keeps = queue, keeps

    async def __call__(self, letter: DeadLettered) -> bool:
        self.met.append(letter.sequence_number)
        self.clock.advance(seconds=self.takes_seconds)
        if letter.sequence_number in self._keeps:
            return False
        await self._queue.complete(letter)
        return True

    async def go(self, *chosen: int) -> set[int]:
        left = set(chosen)
        await rounds.go_through(
            self._queue, left, self, clock=self.clock, stopped=lambda: len(self.met) >= self.stop_after
        )
        return left


async def test_the_chosen_are_met_once_each_and_all_others_given_back() -> None:
    broker = letters(7)
    acting = Acting(FakeDeadLetterQueue(broker))

    left = await acting.go(2, 5)

    assert (acting.met, left) == ([2, 5], set())
    assert sorted(broker.dead) == [1, 3, 4, 6, 7]
    assert broker.locks == {}


async def test_it_ends_when_the_last_chosen_one_was_met() -> None:
    broker = letters(9)

    await Acting(FakeDeadLetterQueue(broker)).go(1)

    assert broker.released == [2]


async def test_what_could_not_be_done_is_given_back_and_not_met_again() -> None:
    broker = letters(3)
    acting = Acting(FakeDeadLetterQueue(broker), 2)

    left = await acting.go(1, 2, 3)

    assert (acting.met, left) == ([1, 2, 3], set())
    assert (sorted(broker.dead), broker.locks) == ([2], {})


async def test_what_somebody_else_has_locked_is_not_met() -> None:
    broker = letters(4)
    others = await FakeDeadLetterQueue(broker).receive()
    acting = Acting(FakeDeadLetterQueue(broker))

    left = await acting.go(1, 4)

    assert ([each.sequence_number for each in others], acting.met, left) == ([1, 2], [4], {1})
    assert sorted(broker.locks.values()) == [1, 2]


async def test_a_round_ends_before_its_locks_do_and_another_goes_on() -> None:
    broker = letters(6)
    acting = Acting(FakeDeadLetterQueue(broker))
    acting.takes_seconds = 0.6 * rounds.HOLD.total_seconds()

    left = await acting.go(1, 2, 3, 4, 5, 6)

    assert (acting.met, left, broker.dead) == ([1, 2, 3, 4, 5, 6], set(), {})
    assert broker.released == []


async def test_what_was_taken_when_the_round_ended_is_given_back_for_the_next_one() -> None:
    broker = letters(4)
    acting = Acting(FakeDeadLetterQueue(broker))
    acting.takes_seconds = 1.1 * rounds.HOLD.total_seconds()

    await acting.go(1, 2, 3, 4)

    assert acting.met == [1, 2, 3, 4]
    assert broker.released == [2, 3, 4]  # the second of two, each time
    assert (broker.dead, broker.locks) == ({}, {})


async def test_a_round_that_meets_nobody_is_the_last() -> None:
    broker = letters(3)
    acting = Acting(FakeDeadLetterQueue(broker))

    left = await acting.go(99)

    assert (acting.met, left, broker.locks) == ([], {99}, {})


async def test_stopped_it_ends_after_the_one_in_hand() -> None:
    broker = letters(5)
    acting = Acting(FakeDeadLetterQueue(broker))
    acting.stop_after = 2

    left = await acting.go(1, 2, 3, 4, 5)

    assert (acting.met, left) == ([1, 2], {3, 4, 5})
    assert (sorted(broker.dead), broker.locks) == ([3, 4, 5], {})


@pytest.mark.parametrize("error", [RuntimeError("journal"), asyncio.CancelledError()], ids=["an error", "cancelled"])
async def test_whatever_breaks_a_round_gives_back_what_it_had(error: BaseException) -> None:
    broker = letters(3)

    async def broken(letter: DeadLettered) -> bool:
        raise error

    with pytest.raises(type(error)):
        await rounds.go_through(FakeDeadLetterQueue(broker), {2}, broken, clock=FakeClock(), stopped=lambda: False)

    assert (sorted(broker.dead), broker.locks) == ([1, 2, 3], {})


async def test_two_at_once_meet_each_chosen_one_once() -> None:
    broker = letters(20)
    first, second = (Acting(FakeDeadLetterQueue(broker)) for _ in range(2))

    await asyncio.gather(first.go(*range(1, 21)), second.go(*range(1, 21)))

    assert sorted(first.met + second.met) == list(range(1, 21))
    assert (broker.dead, broker.locks) == ({}, {})
