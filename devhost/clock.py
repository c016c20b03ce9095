"""Time, as a thing that is passed in. Knows the system's clock; nobody else in this package does."""

import asyncio
import datetime as dt
import time
from typing import Protocol


class Clock(Protocol):
    """What the time is, and waiting for it."""

    def now(self) -> dt.datetime:
        """The time, aware, in UTC."""
        ...

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long. True if it is set."""
        ...


class SystemClock:
    """The machine's time."""

    def now(self) -> dt.datetime:
        """The time, aware, in UTC."""
        return dt.datetime.fromtimestamp(time.time(), tz=dt.UTC)

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        """Wait for the event, at most so long. True if it is set."""
        try:
            await asyncio.wait_for(event.wait(), max(0.0, seconds))
        except TimeoutError:
            return event.is_set()
        return True
