"""Locks by key within this process: one holder for each key, and nothing kept of a key that nobody holds or wants."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class KeyedLocks:
    """Serialises work on the same thing (an event, a device), and lets work on different things run side by side."""

    def __init__(self) -> None:
        self._locks: dict[Hashable, tuple[asyncio.Lock, int]] = {}

    @asynccontextmanager
    async def hold(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for the key, in the order of asking, and hold it for the block."""
        lock, wanted = self._locks.get(key, (asyncio.Lock(), 0))
        self._locks[key] = (lock, wanted + 1)
        try:
            async with lock:
                yield
        finally:
            _, wanted = self._locks[key]
            if wanted == 1:
                del self._locks[key]
            else:
                self._locks[key] = (lock, wanted - 1)

    def held(self, key: Hashable) -> bool:
        """Whether somebody holds the key, or waits for it, at this moment."""
        return key in self._locks

    def __len__(self) -> int:
        return len(self._locks)
