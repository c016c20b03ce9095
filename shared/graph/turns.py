"""When those come back who find no place in the budget: one after the other, as fast as there will be room. Knows no waiting."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

from shared.graph import budget
from shared.graph.budget import Budget

HORIZON: Final = timedelta(hours=1)
"""No slot is reserved further ahead, which bounds the record: an hour is 17,000 writes, each put off once, and 17 KB.

While throttled, none that nobody would wait for.
"""
LONGEST_PUT_OFF: Final = timedelta(seconds=45)
"""Who finds no place before the horizon comes back within this after it, without a slot: the pace may be another one then."""
LONGEST_WHILE_CLOSED: Final = timedelta(minutes=10)
"""The same while nothing gets through: as many as can be served come back, and not all of them each time."""
OVERBOOKED: Final = 2
"""How many of those come back for each place that there is at the present pace, so that none stays unused as it rises."""
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
        turn = max(self._latest, soonest)
        per_second = budget.QUOTA / budget.SPAN.total_seconds() * budget.level(known, turn) * OVERBOOKED
        self._latest = turn + timedelta(seconds=1 / per_second)
        longest = LONGEST_WHILE_CLOSED if known.level <= budget.LOWEST and now < known.closed_until else LONGEST_PUT_OFF
        return self._latest if self._latest < soonest + longest else soonest + longest * self._jitter()
