"""An event loop whose time passes only when everybody waits, and a clock that shows it: hours in milliseconds.

For code that opens no socket and starts no thread; what such code would wait for never comes in virtual time.
"""

import asyncio
import heapq
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

START: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)

_KEPT: Final = 100
"""So many timers that were cancelled may wait for their time."""


class VirtualLoop(asyncio.SelectorEventLoop):
    """Its time begins at 0 s. It looks at no socket, so that a turn of it costs little: asyncio's own looks at each."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self.moment = START
        super().__init__()

    def time(self) -> float:
        return self._seconds

    def _run_once(self) -> None:
        """One turn: what is ready, or else what is due first, whose time it is then."""
        loop: Any = self  # its queues have no types
        ready, scheduled = loop._ready, loop._scheduled
        if loop._timer_cancelled_count > _KEPT and loop._timer_cancelled_count * 2 > len(scheduled):
            scheduled[:] = [timer for timer in scheduled if not timer._cancelled]
            heapq.heapify(scheduled)
            loop._timer_cancelled_count = 0
        while scheduled and scheduled[0]._cancelled:
            loop._timer_cancelled_count -= 1
            heapq.heappop(scheduled)._scheduled = False
        if not ready and not loop._stopping:
            if not scheduled:
                raise RuntimeError("everybody waits for something that never comes")
            self._go_on_to(scheduled[0]._when)
        while scheduled and scheduled[0]._when <= self._seconds:
            due = heapq.heappop(scheduled)
            due._scheduled = False
            ready.append(due)
        for _ in range(len(ready)):
            handle = ready.popleft()
            if not handle._cancelled:
                handle._run()

    def _go_on_to(self, seconds: float) -> None:
        if seconds > self._seconds:
            self._seconds, self.moment = seconds, START + timedelta(seconds=seconds)

    def _make_self_pipe(self) -> None:
        """Nobody wakes it from elsewhere."""

    def _close_self_pipe(self) -> None:
        """There is none."""


class VirtualClock:
    """A clock of ours (ports.Clock) that shows the running loop's time, from START on; `ahead` makes it a wrong one."""

    def __init__(self, ahead: timedelta = timedelta(0)) -> None:
        self._ahead = ahead

    def now(self) -> datetime:
        moment = cast("VirtualLoop", asyncio.get_running_loop()).moment  # a model asks for it at each turn
        return moment + self._ahead if self._ahead else moment


def run[T](main: Coroutine[Any, Any, T]) -> T:
    """Run to the end, in no time."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
