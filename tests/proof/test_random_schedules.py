"""Rules 1 to 7 under whatever comes: duplicates, crashes, stalls, throttling, outages, new users, replays, processes."""

import itertools

import pytest

from tests.proof import planted, schedules

SEEDS = 300
ENOUGH = 300
"""A wrong way of working is found within so many."""


@pytest.mark.parametrize("first", range(0, SEEDS, 50))
def test_whatever_is_drawn_every_message_ends_and_nobody_elses_device_is_touched(first: int) -> None:
    broken = {seed: played.broken for seed in range(first, first + 50) if (played := schedules.play(seed)).broken}

    assert not broken, f"again: python -m tests.proof seed:{next(iter(broken))}"


@pytest.mark.parametrize("name", planted.PLANTS)
def test_a_wrong_way_of_working_is_caught_by_chance_as_well(name: str) -> None:
    wrong = planted.PLANTS[name]

    found = itertools.chain.from_iterable(schedules.play(seed, wrong.plant).broken for seed in range(ENOUGH))

    assert any(claim.startswith(wrong.invariant) for claim in found)


def test_a_schedule_is_played_again_by_its_seed() -> None:
    assert schedules.play(3) == schedules.play(3)
