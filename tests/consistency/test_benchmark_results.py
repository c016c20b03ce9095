"""What `make bench` wrote last: every figure that is promised, each within its target."""

import json
from pathlib import Path
from typing import Final

import pytest

from benchmarks import report
from benchmarks.targets import TARGETS, Target

FOLDER: Final = Path(report.__file__).parent
RESULTS: Final[dict[str, float]] = json.loads((FOLDER / "results.json").read_text(encoding="utf-8"))
TABLE: Final = (FOLDER / "results.md").read_text(encoding="utf-8").splitlines()


def test_the_results_have_every_figure_and_no_other() -> None:
    assert list(RESULTS) == [target.key for target in TARGETS]


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.key)
def test_a_figure_keeps_its_target(target: Target) -> None:
    assert target.met(RESULTS[target.key]), f"{RESULTS[target.key]} is not {target.bound}"


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.key)
def test_the_table_says_the_same(target: Target) -> None:
    assert report.row(target.key, RESULTS[target.key]) in TABLE


def test_every_chart_that_is_shown_is_there() -> None:
    shown = [line.partition("](")[2].rstrip(")") for line in TABLE if line.startswith("![")]

    assert shown
    assert all((FOLDER / chart).is_file() for chart in shown)
