"""docs/faults.md: each scenario is there once, with a test that exists or a reason."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
ROWS = dict(re.findall(r"^\| (F\d+) \| (.+) \|$", PAGE, re.MULTILINE))
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))


def test_every_scenario_is_there_with_a_test_or_a_reason() -> None:
    assert list(ROWS) == [f"F{number}" for number in range(1, 39)]
    assert [name for name, row in ROWS.items() if "::" not in row and "not played, because" not in row] == []


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_what_plays_it_exists(file: str, test: str) -> None:
    assert re.search(rf"^\s*(async )?def {test}\(", (ROOT / file).read_text(encoding="utf-8"), re.MULTILINE)
