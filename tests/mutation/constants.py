"""Changes by hand, of what mutmut leaves alone: constants, defaults, patterns, lists, and what runs while a module is loaded.

Each is made in a copy of the repository, in which a test of its folders must fail then. `planted.txt` lists them.
"""

import importlib
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
LIST: Final = Path(__file__).parent / "planted.txt"
_COPIED: Final = ("shared", "tests", "emulators", "cli", "docs", "pyproject.toml")
_QUIETLY: Final = ("-x", "-q", "-p", "no:randomly", "-p", "no:xdist", "-p", "no:cacheprovider", "--tb=no")
_LIBRARIES: Final = ("httpx", "jmespath", "msgraph_core", "pydantic", "yaml")


@dataclass(frozen=True, slots=True)
class Planted:
    """In `file`, `good` becomes `bad`; a test in one of `tests` is to notice."""

    file: str
    good: str
    bad: str
    tests: tuple[str, ...]


def planted(text: str | None = None) -> Iterator[Planted]:
    """What the list says. Raises ValueError for one that is damaged.

    `= FOLDER ...` names the tests of all that follows; then, apart by empty lines, the file, what is there, and what it becomes.
    """
    tests: tuple[str, ...] = ()
    for block in (LIST.read_text(encoding="utf-8") if text is None else text).split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith("#")]
        if lines and lines[0].startswith("="):
            tests = tuple(lines.pop(0).removeprefix("=").split())
        if not lines:
            continue
        file, *changes = lines
        if not tests or not changes or len(changes) % 2 or not file.endswith(".py"):
            raise ValueError(f"{LIST.name} can't be read at: {file}")
        for good, bad in zip(changes[::2], changes[1::2], strict=True):
            if (good[:2], bad[:2]) != ("- ", "+ "):
                raise ValueError(f"{LIST.name} can't be read at: {good}")
            yield Planted(file, good[2:], bad[2:], tests)


def unnoticed() -> int:
    """Make each change, and tell which ones no test noticed; how many."""
    changes, missed = list(planted()), 0
    _load()
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "repository"
        for name in _COPIED:
            source, target = ROOT / name, copy / name
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy2(source, target)
        all_pass(changes, copy)
        for change in changes:
            if not _noticed(change, copy):
                missed += 1
                print(f"\n{change.file}, noticed by no test\n- {change.good}\n+ {change.bad}", flush=True)
    print(f"\n{len(changes)} changes by hand, {missed} of them noticed by no test")
    return missed


def all_pass(changes: Sequence[Planted], copy: Path) -> None:
    """Raises RuntimeError if a test of theirs fails without any change: every change would seem to be noticed."""
    for tests in sorted({tests for change in changes for tests in _chosen(change, copy)}):
        if (end := _end(tests, copy)) != pytest.ExitCode.OK:
            raise RuntimeError(f"without any change, pytest ends with {end} for {' '.join(tests)}")


def _chosen(change: Planted, copy: Path) -> Iterator[tuple[str, ...]]:
    """The tests that are named for its module, if any; and each folder by itself."""
    near = sorted(
        str(path.relative_to(copy)) for path in (copy / "tests/unit").rglob(f"test_{Path(change.file).stem}.py")
    )
    if near:
        yield tuple(near)
    yield from ((folder,) for folder in change.tests)


def _load() -> None:
    """What takes long to load, once for all forks: libraries, and pytest with its plugins."""
    for library in _LIBRARIES:
        importlib.import_module(library)
    pytest.main(["--version"])


def _noticed(change: Planted, copy: Path) -> bool:
    """Whether a test fails with the change: one of the tests that are named for its module, or else of the folders."""
    file = copy / change.file
    before = file.read_text(encoding="utf-8")
    _write(file, before.replace(change.good, change.bad, 1))
    try:
        return any(_end(tests, copy) == pytest.ExitCode.TESTS_FAILED for tests in _chosen(change, copy))
    finally:
        _write(file, before)


def _write(file: Path, text: str) -> None:
    """With a time that the file has not had: compiled modules are told apart by the second and the size of their source."""
    after = file.stat().st_mtime + 2
    file.write_text(text, encoding="utf-8")
    os.utime(file, (after, after))


def _end(tests: Sequence[str], copy: Path) -> int:
    """How pytest ended; that tests can't be loaded is another end than that one failed."""
    child = os.fork()
    if child == 0:
        _test(tests, copy)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _test(tests: Sequence[str], copy: Path) -> None:
    """In the fork, which has the libraries already: load the copy and run the tests. Never returns."""
    code = int(pytest.ExitCode.INTERNAL_ERROR)
    try:
        for name in [name for name in sys.modules if name.split(".")[0] in _COPIED]:
            del sys.modules[name]
        os.chdir(copy)
        sys.path.insert(0, str(copy))
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        code = int(pytest.main([*_QUIETLY, *tests]))
    finally:
        os._exit(code)
