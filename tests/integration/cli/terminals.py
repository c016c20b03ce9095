"""The command in a process of its own, on a terminal of 80 columns."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from shared.settings import reading
from shared.settings.fields import TABLE

ROOT = Path(__file__).parents[3]


def in_a_terminal(arguments: Sequence[str], settings: Mapping[str, str], folder: Path = ROOT) -> tuple[int, str]:
    """The exit code, and what a terminal shows of standard output and standard error."""
    code, _, shown = _run(arguments, settings, folder, piped=None)
    return code, shown


def half_in_a_terminal(arguments: Sequence[str], settings: Mapping[str, str]) -> tuple[int, str, str]:
    """The exit code, standard output, which is piped, and what a terminal shows of standard error."""
    return _run(arguments, settings, ROOT, piped=subprocess.PIPE)


def _run(
    arguments: Sequence[str], settings: Mapping[str, str], folder: Path, *, piped: int | None
) -> tuple[int, str, str]:
    master, slave = pty.openpty()
    ours = {each.name for each in TABLE.values()} | {"NO_COLOR", "FORCE_COLOR"}
    inherited = {name: value for name, value in reading.process_environment().items() if name not in ours}
    shape = {"PYTHONPATH": str(ROOT), "COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
    with subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments],
        cwd=folder,
        env={**inherited, **shape, **settings},
        stdin=subprocess.DEVNULL,
        stdout=slave if piped is None else piped,
        stderr=slave,
    ) as process:
        os.close(slave)
        shown = _until_closed(master)
        output = "" if process.stdout is None else _all(process.stdout)
        code = process.wait(60)
    os.close(master)
    return code, output, shown


def _until_closed(master: int) -> str:
    shown = b""
    try:
        while chunk := os.read(master, 65536):
            shown += chunk
    except OSError:  # how Linux tells that the other end is closed
        pass
    return shown.decode()


def _all(stream: IO[bytes]) -> str:
    return stream.read().decode()
