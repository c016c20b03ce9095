"""`offboard host` in a process of its own, with nothing in its environment but what it is given and what a process needs."""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self

from cli import hosting
from shared.settings import reading
from shared.settings.fields import TABLE

_STOPPING_SECONDS: Final = 25.0


class HostFailed(Exception):
    """The host ended before it was ready; the text is what it said."""


class HostProcess:
    """A running host. Its standard error goes to `log`."""

    def __init__(self, settings: Mapping[str, str], log: Path) -> None:
        ours = {setting.name for setting in TABLE.values()}
        inherited = {name: value for name, value in reading.process_environment().items() if name not in ours}
        self._environment = {**inherited, **settings}
        self._log = log
        self._process: subprocess.Popen[bytes] | None = None

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
        """Return when it has printed `ready`. Raises HostFailed with its own words if it ends before."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "cli", "host"],
                cwd=hosting.app_directory(),
                env=self._environment,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        try:
            if any(line.strip() == b"ready" for line in _open(self._process.stdout)):
                return
            code = self._process.wait()
        except BaseException:  # interrupted: nobody would stop it later
            self.kill()
            raise
        raise HostFailed(f"offboard host ended with {code}:\n{self._log.read_text(errors='replace')[-4000:]}")

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
            _open(process.stdout).close()

    def kill(self) -> None:
        """Kill it with signal 9, as an instance that is lost."""
        process = self._running()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        _open(process.stdout).close()

    def wait(self) -> int:
        """Wait until it ends by itself; its exit code."""
        return self._running().wait()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise HostFailed("the host was not started")
        return self._process


def _open(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise HostFailed("the host has no output")
    return stream
