"""Duplicate detection: the message ids seen within a window. Knows nothing else about messages."""

from collections import deque
from collections.abc import Hashable
from datetime import datetime, timedelta


class DuplicateHistory:
    """Remembers message ids for `window` from when each was first seen; without a window it remembers nothing."""

    def __init__(self, window: timedelta | None) -> None:
        self._window = window
        self._seen: dict[Hashable, datetime] = {}
        self._order: deque[tuple[datetime, Hashable]] = deque()

    def admit(self, message_id: Hashable, now: datetime) -> bool:
        """Whether this id is new; a new one is remembered. A message without an id is always new."""
        if self._window is None or message_id is None:
            return True
        self._forget(now - self._window)
        if message_id in self._seen:
            return False
        self._seen[message_id] = now
        self._order.append((now, message_id))
        return True

    def _forget(self, before: datetime) -> None:
        while self._order and self._order[0][0] <= before:
            del self._seen[self._order.popleft()[1]]
