"""The lock: every library that is installed is pinned, and by the hashes of its files."""

import re
from pathlib import Path

import pytest

from infra import lock

ROOT = Path(__file__).parents[2]
LOCKS = sorted(path for path in ROOT.rglob("*.lock") if not {".venv", "node_modules", "mutants"} & set(path.parts))
PIN = re.compile(r"^[A-Za-z0-9._-]+==", re.MULTILINE)


def test_these_are_the_locks() -> None:
    assert [path.relative_to(ROOT).as_posix() for path in LOCKS] == [
        "infra/checks/audit.lock",
        "infra/checks/checkov.lock",
        "requirements.lock",
        "tests/fuzz/atheris.lock",
    ]


@pytest.mark.parametrize("path", LOCKS, ids=lambda path: path.name)
def test_every_pin_has_the_hashes_of_its_files_and_no_place_that_they_come_from(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    locked = lock.read(path)

    assert len(locked) == len(PIN.findall(text))
    assert [each.name for each in locked.values() if not each.hashes] == []
    assert "://" not in text
    assert "index-url" not in text


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_everything_that_is_named_is_in_the_lock_at_a_version_that_fits(name: str) -> None:
    locked = lock.read()

    for requirement in lock.named(ROOT / name):
        assert requirement.specifier.contains(locked[lock.key(requirement.name)].version), requirement.name


def test_what_make_installs_from_a_lock_it_installs_by_hashes() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = [line for line in makefile.splitlines() if "pip install" in line]
    from_locks = [line for line in installs if ".lock" in line]

    assert len(from_locks) == len(LOCKS)
    assert [line for line in from_locks if "--require-hashes -r" not in line] == []
    assert [
        line for line in installs if line not in from_locks and "--no-deps" not in line and "uv==" not in line
    ] == []
