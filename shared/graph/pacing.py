"""What this process sends to Intune, kept within the quota at the moment of sending. Knows counts and answers, no requests.

Permits are shared out before a device is read, so what they allow may be sent a little later, and closer together; this is the
last look. Requests of any kind have the documented 1,000 in 20 s, each process for itself: writes, which all processes share,
keep them to a fifth of that, and the gate closes for all.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from shared import telemetry
from shared.domain.errors import GraphThrottled
from shared.graph import budget, errors
from shared.graph.budget import Refused
from shared.graph.permits import SharedPermits
from shared.graph.response import Response
from shared.ports import Clock

REQUESTS: Final = 1000
PATIENCE: Final = timedelta(seconds=10)
WRITE_PATIENCE: Final = timedelta(seconds=0.8)
"""A write goes with a fresh read, so it waits no longer than this."""
_WINDOW: Final = timedelta(seconds=20)
_ALMOST: Final = timedelta(milliseconds=200)
"""What the way to Graph may differ from one request to the next."""


class Window:
    """So many in any span of time. Lowered by a throttling, it rises again as the budget of writes does."""

    def __init__(self, most: int, span: timedelta) -> None:
        self._most = most
        self._span = span
        self._sent: deque[datetime] = deque()
        self._refused, self._level_at = 0.0, datetime.min.replace(tzinfo=UTC)

    def wait(self, count: int, now: datetime) -> timedelta:
        """How long until `count` more fit, or nothing."""
        while self._sent and self._sent[0] <= now - self._span:
            self._sent.popleft()
        most = max(count, int(self._most * self.level(now)))
        surplus = len(self._sent) + count - most
        return self._sent[surplus - 1] + self._span - now if surplus > 0 else timedelta(0)

    def take(self, count: int, now: datetime) -> None:
        """Note that these are being sent."""
        self._sent.extend([now] * count)

    def lower(self, now: datetime, *, sent_at: datetime) -> None:
        """Graph refused what was sent at `sent_at`."""
        if sent_at > self._level_at:
            self._refused, self._level_at = max(budget.LOWEST, self.level(now)), now

    def level(self, now: datetime) -> float:
        """The share that is used at this moment."""
        if not self._refused:
            return 1.0
        return budget.risen(max(budget.LOWEST, self._refused * budget.FALL), self._refused, now - self._level_at)


class Pace:
    """Asked before each sending, and told each answer. Without `permits` there is no gate, and no limit but our own."""

    def __init__(
        self,
        clock: Clock,
        permits: SharedPermits | None = None,
        *,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._clock = clock
        self._permits = permits
        self._sleep = sleep
        self._requests = Window(REQUESTS, budget.SPAN)
        self._writes = Window(budget.QUOTA, _WINDOW + _ALMOST)

    async def begin(self, count: int, *, write: bool) -> datetime:
        """Wait until so many requests may be sent, and return the time. Raises GraphThrottled: not sent, it takes too long."""
        give_up = self._clock.now() + (WRITE_PATIENCE if write else PATIENCE)
        while (wait := self._wait(count, write=write)) > timedelta(0):
            if self._clock.now() + wait > give_up:
                raise GraphThrottled("not sent: graph asked to wait, or the quota is used up", retry_after=wait)
            await self._sleep(wait.total_seconds())
        now = self._clock.now()
        self._requests.take(count, now)
        if write:
            self._writes.take(count, now)
        return now

    async def end(self, answers: Sequence[Response | Exception], *, sent_at: datetime, write: bool) -> None:
        """What came back of what was sent: a Retry-After closes the gate for everybody, a 429 also lowers the pace."""
        statuses = [answer.status if isinstance(answer, Response) else None for answer in answers]
        telemetry.graph_answered(statuses, write=write)
        now = self._clock.now()
        failed = [answer for answer in answers if isinstance(answer, Response) and not answer.succeeded]
        throttled = any(response.status == 429 for response in failed)
        if throttled and not write:
            self._requests.lower(now, sent_at=sent_at)
        waits = [wait for response in failed if (wait := errors.wait(response, now=now)) is not None]
        if self._permits is not None and (throttled or waits):
            limited = Refused.WRITE if write else Refused.READ
            refused = limited if throttled else Refused.BUSY
            await self._permits.throttled(max(waits, default=None), sent_at=sent_at, refused=refused)

    def _wait(self, count: int, *, write: bool) -> timedelta:
        now = self._clock.now()
        waits = [self._requests.wait(count, now)]
        if write:
            waits.append(self._writes.wait(count, now))
        if self._permits is not None:
            waits.append(self._permits.closed_until - now)
        return max(waits)
