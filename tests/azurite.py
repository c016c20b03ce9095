"""Azurite's table service as a process of its own: Microsoft's emulator of Azure Table Storage, from npm.

`make test` installs it into node_modules where there is npm. Missing, it is a reason to skip, but in CI to fail.
"""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import pytest

from shared.settings import reading

_ROOT: Final = Path(__file__).parents[1]
_PROGRAM: Final = _ROOT / "node_modules" / ".bin" / "azurite-table"
_PATIENCE: Final = 60.0


class Azurite:
    """A table service on loopback, with its data in `folder`, or in memory. Can be stopped, and started again at its port."""

    def __init__(self, folder: Path | None = None, *, options: tuple[str, ...] = ()) -> None:
        self.port = _free_port()
        memory = ("--inMemoryPersistence",) if folder is None else ("--location", str(folder))
        self._command = [
            str(_PROGRAM),
            *("--tableHost", "127.0.0.1", "--tablePort", str(self.port)),
            *("--silent", "--disableTelemetry", "--skipApiVersionCheck", *memory, *options),
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def endpoint(self) -> str:
        """The root of its one account, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}/devstoreaccount1"

    def start(self) -> None:
        """Return when it listens."""
        self._process = subprocess.Popen(self._command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        give_up = time.monotonic() + _PATIENCE
        while not _listens(self.port):
            if self._process.poll() is not None or time.monotonic() > give_up:
                pytest.fail(f"Azurite did not start: {self._end()}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End it."""
        self._end()

    def freeze(self) -> None:
        """Stop its process; what arrives waits."""
        self._send(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on."""
        self._send(signal.SIGCONT)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)

    def _end(self) -> str:
        process, self._process = self._process, None
        if process is None:
            return ""
        process.send_signal(signal.SIGINT)  # at which it saves what it has
        try:
            output, _ = process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            output, _ = process.communicate()
        return output.decode(errors="replace")


@contextmanager
def running(folder: Path | None = None, *, options: tuple[str, ...] = ()) -> Iterator[Azurite]:
    """A running Azurite; skips the test where it is not installed, but fails it in CI."""
    if shutil.which("node") is None or not _PROGRAM.exists():
        missing = "Azurite is not installed: install Node.js with npm, then run `make test` (or `npm ci`)"
        if reading.process_environment().get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with Azurite(folder, options=options) as azurite:
        yield azurite


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
