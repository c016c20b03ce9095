"""What falls due when: a heap of times and keys, with entries that went stale left in until they surface.

Knows nothing of messages. Whoever takes a due key checks that it still means something.
"""

import heapq
from collections.abc import Iterator
from datetime import datetime


class Agenda:
    """Keys by due time: O(log n) to add, O(due) to take."""

    def __init__(self) -> None:
        self._heap: list[tuple[datetime, int]] = []

    def add(self, when: datetime, key: int) -> None:
        """Note that a key falls due."""
        heapq.heappush(self._heap, (when, key))

    def take_due(self, now: datetime) -> Iterator[tuple[datetime, int]]:
        """Take out everything that is due, earliest first, with the time it was due at."""
        while self._heap and self._heap[0][0] <= now:
            yield heapq.heappop(self._heap)

    @property
    def next_due(self) -> datetime | None:
        """The earliest time in it, stale or not."""
        return self._heap[0][0] if self._heap else None
