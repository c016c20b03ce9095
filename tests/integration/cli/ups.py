"""`offboard up` in a process of its own."""

import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from cli import hosting
from shared.settings import reading
from tests.personal import nothing_personal

COMMAND = (sys.executable, "-m", "cli", "up")
FREE_PORTS = ("--servicebus-port", "0", "--graph-port", "0")


@contextmanager
def running(*arguments: str, **settings: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The process, once it has printed `ready`, and what it printed before."""
    command = [*COMMAND, *arguments]
    environment = {**reading.process_environment(), **settings}
    with subprocess.Popen(
        command,
        cwd=hosting.app_directory(),
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        try:
            yield process, "".join(iter(process.stdout.readline, "ready\n"))
        finally:
            _stop(process)
        nothing_personal(process.stderr.read(), "what up wrote on standard error")


def _stop(process: subprocess.Popen[str]) -> None:
    """As Ctrl-C does: killed outright, it would leave its host behind."""
    process.terminate()
    try:
        process.wait(60)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


def next_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def settings_told(said: str) -> dict[str, str]:
    """The settings that it printed, as a shell reads them."""
    lines = [line.removeprefix("export ") for line in said.splitlines() if line.startswith("export ")]
    return {name: shlex.split(value)[0] for name, _, value in (line.partition("=") for line in lines)}
