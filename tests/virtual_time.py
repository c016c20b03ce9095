"""An event loop whose time passes only when everybody waits, and a clock that shows it: hours in milliseconds.

For code that opens no socket and starts no thread; what such code would wait for never comes in virtual time.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final

START: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class _Selector(selectors.SelectSelector):
    """Instead of waiting for a socket, tells how long it was to wait. Nothing ever comes of one, so it does not look."""

    def __init__(self, pass_time: Callable[[float], None]) -> None:
        super().__init__()
        self._pass_time = pass_time

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            raise RuntimeError("everybody waits for something that never comes")
        if timeout > 0:
            self._pass_time(timeout)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 s."""

    def __init__(self) -> None:
        self._seconds = 0.0
        super().__init__(_Selector(self._pass))

    def time(self) -> float:
        return self._seconds

    def _pass(self, seconds: float) -> None:
        self._seconds += seconds


class VirtualClock:
    """A clock of ours (ports.Clock) that shows the running loop's time, from START on; `ahead` makes it a wrong one."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._start = START + ahead
        self._shown, self._seconds = self._start, 0.0

    def now(self) -> datetime:
        seconds = asyncio.get_running_loop().time()
        if seconds != self._seconds:
            self._shown, self._seconds = self._start + timedelta(seconds=seconds), seconds
        return self._shown


def run[T](main: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
