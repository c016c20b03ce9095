"""When those come back who find no place in the budget: one after the other, at the full quota's pace. Knows no waiting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.graph import budget
from shared.graph.budget import Budget

HORIZON: Final = timedelta(hours=1)
"""No slot is reserved further ahead, which bounds the record: an hour is 17,000 writes, each put off once, and 17 KB.

While throttled, none that nobody would wait for.
"""
LONGEST_PUT_OFF: Final = timedelta(hours=1)
"""Who would come later than this after the horizon comes at any time before."""
PACE: Final = budget.SPAN / budget.QUOTA
"""From one of them to the next: that of the full quota, so that no place stays unused as the level rises, and however many wait,
no more come back in vain than there are places while it is low."""
_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Turns:
    """`max_wait` is how long anybody waits under a lock; `jitter` draws from [0, 1)."""

    def __init__(self, *, max_wait: timedelta, jitter: Callable[[], float]) -> None:
        self._max_wait = max_wait
        self._jitter = jitter
        self._latest = _NEVER

    def horizon(self, known: Budget, now: datetime) -> datetime:
        """Until when places are reserved."""
        return max(now, known.closed_until) + (self._max_wait if budget.level(known, now) < 1 else HORIZON)

    def next(self, known: Budget, now: datetime) -> datetime:
        """When the next one comes back who finds no place before the horizon."""
        soonest = self.horizon(known, now)
        turn = max(self._latest, soonest) + PACE
        if turn > soonest + LONGEST_PUT_OFF:
            return soonest + LONGEST_PUT_OFF * self._jitter()
        self._latest = turn
        return turn
