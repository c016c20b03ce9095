"""Rules 1 to 7, where hypothesis makes up the story: what is sent, what fails, who crashes, and how much time passes between."""

import pytest

from tests.proof import planted, rules
from tests.proof.process import Plant

SEEDS = 5
"""Of 20 stories each."""
ENOUGH = 15
"""A wrong way of working is found within so many."""


@pytest.mark.parametrize("seed", range(SEEDS))
def test_no_story_breaks_what_must_hold(seed: int) -> None:
    rules.play(seed, shorten=True)


@pytest.mark.parametrize("name", planted.PLANTS)
def test_a_wrong_way_of_working_is_caught_by_a_story(name: str) -> None:
    wrong = planted.PLANTS[name]

    caught = (broken for seed in range(ENOUGH) if (broken := _broken(seed, wrong.plant)) is not None)

    assert any(str(broken).startswith(wrong.invariant) for broken in caught)


def test_what_breaks_is_told_as_a_story_and_the_same_each_time() -> None:
    plant = planted.PLANTS["posts without a fresh read"].plant
    seed = next(seed for seed in range(SEEDS) if _broken(seed, plant) is not None)

    first, again = _broken(seed, plant), _broken(seed, plant)

    assert first is not None
    assert again is not None
    assert (str(first), first.__notes__) == (str(again), again.__notes__)
    assert any("state.send_" in note for note in first.__notes__)


def _broken(seed: int, plant: Plant) -> AssertionError | None:
    try:
        rules.play(seed, plant)
    except AssertionError as broken:
        return broken
    return None
