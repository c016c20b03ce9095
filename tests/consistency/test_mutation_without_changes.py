"""`make mutation` does not take a test that always fails for one that noticed something."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PROGRAM = """
import pathlib, sys
from tests.mutation import constants
from tests.mutation.constants import Planted
constants.all_pass([Planted("shared/a.py", "1", "2", ("tests/unit",))], pathlib.Path(sys.argv[1]))
"""


@pytest.mark.parametrize(("what", "code"), [("assert True", 0), ("assert False", 1), ("def broken(", 1)])
def test_tests_that_fail_without_any_change_stop_it(tmp_path: Path, what: str, code: int) -> None:
    (tmp_path / "tests/unit").mkdir(parents=True)
    (tmp_path / "tests/unit/test_b.py").write_text(f"def test_it():\n    {what}\n", encoding="utf-8")
    command = [sys.executable, "-c", PROGRAM, str(tmp_path)]

    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=100)

    assert (ran.returncode, "without any change" in ran.stderr) == (code, bool(code)), ran.stderr
