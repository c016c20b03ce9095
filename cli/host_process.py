"""`offboard host` in a process of its own, with nothing in its environment but what it is given and what a process needs."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn, Self

from cli import hosting
from cli.host_output import HostOutput
from shared.settings import reading
from shared.settings.fields import NAMES

PATIENCE: Final = timedelta(seconds=60)
_HOST: Final = (sys.executable, "-m", "cli", "host")
_STOPPING_SECONDS: Final = 25.0
_READING_SECONDS: Final = 5.0
_TAIL: Final = 4000


class HostFailed(Exception):
    """The host was not ready in time, or ended before; the text is what it said."""


def ending(code: int) -> str:
    """How a process ended, by its exit code, which is negative for a signal."""
    return f"signal {-code}" if code < 0 else f"exit code {code}"


class HostProcess:
    """A running host. Its log, and what it prints beside `ready`, go to the file `log`.

    `patience` is how long `start` waits; `command` stands for `offboard host` in tests.
    """

    def __init__(
        self,
        settings: Mapping[str, str],
        log: Path,
        *,
        patience: timedelta = PATIENCE,
        command: Sequence[str] = _HOST,
    ) -> None:
        inherited = {name: value for name, value in reading.process_environment().items() if name not in NAMES}
        self._environment = {**inherited, **settings}
        self._log = log
        self._patience = patience
        self._command = tuple(command)
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: threading.Thread | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id. Raises HostFailed if it was never started."""
        return self._running().pid

    def start(self) -> None:
        """Return when it has printed `ready`. Raises HostFailed with its own words if it ends before, or takes too long."""
        printed = HostOutput()
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603  # the interpreter and our own module
                self._command,
                cwd=hosting.app_directory(),
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        self._reader = threading.Thread(target=printed.read, args=(self._process.stdout, self._log), daemon=True)
        self._reader.start()
        try:
            if not printed.ready_or_over.wait(self._patience.total_seconds()):
                self._give_up(f"was not ready within {self._patience.total_seconds():g} s")
            if not printed.ready:
                self._give_up(f"ended ({ending(self._process.wait(_STOPPING_SECONDS))})")
        except BaseException:  # too late, or interrupted: nobody would stop it later
            self.kill()
            raise

    def stop(self) -> int:
        """SIGTERM, and wait for it to drain; its exit code. Killed if it does not end in time."""
        process = self._running()
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            return process.wait(_STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()
        finally:
            self._read_to_the_end()

    def kill(self) -> None:
        """Kill it with signal 9, as an instance that is lost."""
        process = self._running()
        if process.poll() is None:
            os.kill(process.pid, signal.SIGKILL)
        process.wait()
        self._read_to_the_end()

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._running().wait()

    def exit_code(self) -> int | None:
        """Its exit code, None while it runs."""
        return self._running().poll()

    def last_words(self) -> str:
        """The end of its log."""
        return self._log.read_text(errors="replace")[-_TAIL:]

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise HostFailed("the host was not started")
        return self._process

    def _give_up(self, why: str) -> NoReturn:
        raise HostFailed(f"offboard host {why}:\n{self.last_words()}")

    def _read_to_the_end(self) -> None:
        if self._reader is not None:
            self._reader.join(_READING_SECONDS)
