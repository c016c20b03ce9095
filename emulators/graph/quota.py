"""Intune's throttling: so many writes and requests per sliding window. Knows times and counts, nothing of what is asked."""

import math
from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much one app may do in one tenant. `counts_throttled`: a refused request uses quota too."""

    writes: int
    requests: int
    window: timedelta
    counts_throttled: bool = True

    @classmethod
    def intune(cls) -> Self:
        """The documented limits per app and tenant: 100 writes and 1,000 requests in 20 s, refused ones counted.

        Source: learn.microsoft.com/graph/throttling-limits, "Intune service limits".
        """
        return cls(writes=100, requests=1000, window=timedelta(seconds=20))


INTUNE: Final = Quota.intune()


class QuotaWindow:
    """What was used of a quota lately."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota
        self._requests: deque[datetime] = deque()
        self._writes: deque[datetime] = deque()

    def take(self, now: datetime, *, write: bool) -> int | None:
        """Use quota for one request: None if there is enough, else whole seconds to wait (at least 1)."""
        refusals = [self._refusal(self._requests, self._quota.requests, now)]
        if write:
            refusals.append(self._refusal(self._writes, self._quota.writes, now))
        waits = [wait for wait in refusals if wait is not None]
        if not waits or self._quota.counts_throttled:
            self._requests.append(now)
            if write:
                self._writes.append(now)
        return max(waits, default=None)

    def _refusal(self, used: deque[datetime], limit: int, now: datetime) -> int | None:
        while used and used[0] <= now - self._quota.window:
            used.popleft()
        if len(used) < limit:
            return None
        free_at = used[len(used) - limit] + self._quota.window  # until then, too many are younger than the window
        return max(1, math.ceil((free_at - now).total_seconds()))
