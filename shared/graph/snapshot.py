"""One scan for everybody who asks at the same time or soon after. Knows ages and waiters, and not how a scan is made."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

from shared.domain.directory import Directory
from shared.domain.errors import GraphUnavailable
from shared.ports import Clock


class Snapshot:
    """The latest complete scan while it is younger than `max_age`, counted from the scan's begin.

    Who comes while a scan is running waits for that one, however long it has been running. A scan that fails fails for all
    who wait for it, and for nobody later.
    """

    def __init__(self, scan: Callable[[], Awaitable[Directory]], *, clock: Clock, max_age: timedelta) -> None:
        self._scan = scan
        self._clock = clock
        self._max_age = max_age
        self._latest: Directory | None = None
        self._running: asyncio.Task[Directory] | None = None

    async def get(self) -> Directory:
        """The latest scan if it is young enough, else the next one. Raises what the scan raises."""
        if self._latest is not None and self._clock.now() - self._latest.read_at < self._max_age:
            return self._latest
        if self._running is None:
            self._latest = None  # too old for anybody: two of them at once would need twice the memory
            self._running = asyncio.create_task(self._run(), name="scan of the Autopilot list")
            self._running.add_done_callback(self._finished)
        running = self._running
        try:
            # A caller that gives up must not take the scan away from the others.
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            caller = asyncio.current_task()
            if running.cancelled() and not (caller and caller.cancelling()):
                raise GraphUnavailable("the scan was given up: the service is stopping") from None
            raise

    async def close(self) -> None:
        """Give up a scan that is running."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.wait([self._running])

    async def _run(self) -> Directory:
        return await self._scan()

    def _finished(self, scan: asyncio.Task[Directory]) -> None:
        self._running = None
        # Asking for the exception also tells asyncio that it was noticed, should all callers have gone.
        if not scan.cancelled() and scan.exception() is None:
            self._latest = scan.result()
