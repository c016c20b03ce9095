"""Fuzzing that is guided by coverage, by atheris: `python -m tests.fuzz.guided messages|answers RUNS`, in a process of its own.

What reaches new code is kept in build/fuzz beside the committed corpus, from which it starts. libFuzzer ends the process by
itself: with 0 after so many runs, else with the input that broke a claim, in build/fuzz too.
"""

import importlib
import sys
from pathlib import Path
from typing import Any

from tests.fuzz import kept

_FOUND = Path("build/fuzz").resolve()
_LONGEST = 64 * 1024


def main() -> None:
    """Never returns."""
    atheris: Any = importlib.import_module("atheris")  # which installs nowhere but on Linux and in make fuzz

    target, runs = sys.argv[1], int(sys.argv[2])
    with atheris.instrument_imports(include=["shared"]):
        from tests.fuzz import answers, messages
    check: Any = {"messages": messages.check, "answers": answers.check}[target]
    found = _FOUND / target
    found.mkdir(parents=True, exist_ok=True)
    options = [
        f"-atheris_runs={runs}",
        f"-max_len={_LONGEST}",
        f"-artifact_prefix={_FOUND}/{target}-",
        "-seed=1",
        "-verbosity=0",
    ]
    atheris.Setup([sys.argv[0], *options, str(found), str(kept.FOLDER / target)], lambda data: check(data) and None)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
