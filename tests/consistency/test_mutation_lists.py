"""The lists of `make mutation` speak of the code as it is: whoever changes it is told here, and not an hour later."""

from pathlib import Path

import pytest

from tests.mutation import constants, explained, found, scores

ROOT = Path(__file__).parents[2]
EXPLAINED = [change for _, change in explained.changes(explained.LIST.read_text(encoding="utf-8"))]
PLANTED = list(constants.planted())


def source(function: str) -> str:
    """The text of the module that a function is in, however deep, with its spaces as a change has them."""
    parts = function.split(".")
    paths = (ROOT.joinpath(*parts[:count]).with_suffix(".py") for count in range(len(parts), 0, -1))
    module = next(path for path in paths if path.exists())
    return " ".join(module.read_text(encoding="utf-8").split())


def test_what_is_explained_is_still_there() -> None:
    assert [each for each in EXPLAINED if " ".join(each.before.split()) not in source(each.function)] == []
    assert [each for each in EXPLAINED if each.before == each.after] == []


def test_what_is_changed_by_hand_is_still_there() -> None:
    assert [each for each in PLANTED if each.good not in (ROOT / each.file).read_text(encoding="utf-8")] == []
    assert [each for each in PLANTED if each.good == each.bad] == []
    assert [name for each in PLANTED for name in each.tests if not (ROOT / name).exists()] == []


@pytest.mark.parametrize("damaged", ["shared.a\n- b\n+ c", "= why\n\nshared.a", "= why\n\n- b\n+ c"])
def test_a_list_of_survivors_that_is_damaged_explains_nothing(damaged: str) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        list(explained.changes(damaged))


@pytest.mark.parametrize("damaged", ["shared/a.py\n- b\n+ c", "= tests\n\nshared/a.py\n- b", "= tests\n\na\n- b\n+ c"])
def test_a_list_of_changes_by_hand_that_is_damaged_is_refused(damaged: str) -> None:
    with pytest.raises(ValueError, match="can't be read"):
        list(constants.planted(damaged))


def test_a_survivor_is_written_as_it_is_read() -> None:
    change = found.Change("shared.domain.plan.compare", "if device is None:", "if device is not None:")

    assert list(explained.changes(f"= because\n\n{explained.written(change)}\n")) == [("because", change)]


@pytest.mark.parametrize(("noticed", "is_low"), [(89, True), (90, False)])
def test_a_module_of_which_less_than_nine_in_ten_is_noticed_fails(noticed: int, *, is_low: bool) -> None:
    assert scores.Score(name="a module", changes=100, noticed=noticed, at_load=0).is_low is is_low


def test_what_ran_before_a_change_was_in_place_is_counted_apart_and_nothing_else_is() -> None:
    each = [scores.Score(name=name, changes=20, noticed=9, at_load=at_load) for name, at_load in (("a", 10), ("b", 0))]

    assert [score.share for score in each] == [0.9, 0.45]
    assert scores.in_all(each) == scores.Score(name="in all", changes=40, noticed=18, at_load=10)
