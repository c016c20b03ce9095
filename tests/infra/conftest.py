"""A copy of infra/ to plant faults in."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from infra.checks import checkov, queries
from shared.settings import reading

ROOT = Path(__file__).parents[2]


@pytest.fixture
def infra(tmp_path: Path) -> Path:
    """infra/ as it is, in a folder of the test's own."""
    target = tmp_path / "infra"
    shutil.copytree(ROOT / "infra", target, ignore=shutil.ignore_patterns("__pycache__"))
    return target


def available(check: Callable[[Path], list[str]]) -> Callable[[Path], list[str]]:
    """The same check; where its tool is missing the test is skipped, but fails in CI."""

    def run(root: Path) -> list[str]:
        try:
            return check(root)
        except (queries.Unavailable, checkov.Unavailable) as missing:
            if reading.process_environment().get("CI"):
                raise
            pytest.skip(str(missing))

    return run
