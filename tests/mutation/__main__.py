"""Whether the tests notice when the code is changed: `python -m tests.mutation [PATTERN ...]`.

mutmut changes the modules that pyproject.toml names in thousands of places; each change is tried alone, with the tests that
come by there (`loop.py`). What no test notices must be explained in `survivors.txt`. Constants, which mutmut leaves alone,
are changed as `planted.txt` says. Without a pattern, such as `'shared.domain.plan.*'`, all is done afresh.
Exits 1 if a change was noticed by no test and is not explained, or if less than nine in ten of a module's were noticed.
"""

import argparse
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir

from tests.mutation import constants, explained, found, scores
from tests.mutation.found import Module

_MUTANTS: Final = Path("mutants")


def _change() -> None:
    """Write the changed modules, and all that their tests need, into `mutants/`; what is there and still right is kept."""
    _MUTANTS.mkdir(exist_ok=True)
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(max_children=1)


def _run(patterns: Sequence[str], only: Sequence[str]) -> None:
    settings = config()
    subprocess.run(
        [
            sys.executable,
            *("-m", "pytest", "-p", "tests.mutation.loop", "--rootdir=.", "-qq", "--no-header", "--tb=short"),
            *settings.pytest_add_cli_args,
            *settings.pytest_add_cli_args_test_selection,
            *(f"--change={pattern}" for pattern in patterns),
            *only,
        ],
        cwd=_MUTANTS,
        check=True,
    )


def _told(modules: Sequence[Module]) -> int:
    """Tell the score of each module, and how many are too low."""
    at_load = {
        change
        for reason, change in explained.changes(explained.LIST.read_text(encoding="utf-8"))
        if reason.startswith(explained.AT_LOAD)
    }
    each = [scores.of(module, at_load) for module in modules]
    print("\n".join([scores.HEAD, *map(str, [*each, scores.in_all(each)])]))
    low = [score.name for score in each if score.is_low]
    if low:
        print(f"\nless than {scores.LOWEST:.0%} was noticed of: {', '.join(low)}")
    return len(low)


def _unexplained(modules: Sequence[Module], *, whole: bool) -> int:
    """Tell what no test noticed and nobody has explained, and of a `whole` run what is explained in vain."""
    known = Counter(change for _, change in explained.changes(explained.LIST.read_text(encoding="utf-8")))
    survived = {name: change for module in modules for name, change in module.survivors.items()}
    left, new = Counter(known), 0
    for name, change in survived.items():
        if left[change] > 0:
            left[change] -= 1
            continue
        new += 1
        print(f"\n# {name}\n{explained.written(change)}")
    for change in +left if whole else ():
        print(f"\nis explained, and was noticed or is gone:\n{explained.written(change)}")
    print(f"\n{len(survived)} changes were noticed by no test, {new} of them not explained in {explained.LIST.name}")
    return new


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("patterns", nargs="*", metavar="PATTERN", help="only these changes, on top of the last run")
    for name, what in (("--again", "those that no test has noticed"), ("--rest", "those that were not tried yet")):
        parser.add_argument(name, dest="only", action="append_const", const=name, default=[], help=f"only {what}")
    parser.add_argument("--report", action="store_true", help="run nothing: tell what the last run found")
    parser.add_argument("--constants", action="store_true", help="change the constants only")
    asked = parser.parse_args()
    unnoticed = 0
    if not asked.constants:
        if not asked.report:
            if not (asked.patterns or asked.only):
                shutil.rmtree(_MUTANTS, ignore_errors=True)
            _change()
            _run(asked.patterns, asked.only)
        modules = list(found.modules())
        unnoticed += _told(modules)
        unnoticed += _unexplained(modules, whole=not asked.patterns)
    if asked.constants or not (asked.report or asked.only or asked.patterns):
        unnoticed += constants.unnoticed()
    return 1 if unnoticed else 0


if __name__ == "__main__":
    sys.exit(main())
