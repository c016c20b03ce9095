"""The shared records in memory: implement ports.SharedRecords for tests, with a trail of their calls and a switch to break them."""

import asyncio

from shared.domain.errors import JournalUnavailable
from shared.ports import RecordState


class InMemoryRecord:
    """`calls` has each read and write; each takes `seconds`. While `broken` both fail, after that time."""

    def __init__(self, *, seconds: float = 0) -> None:
        self.state: RecordState | None = None
        self.calls: list[str] = []
        self.broken = False
        self.seconds = seconds
        self._versions = 0

    async def read(self) -> RecordState | None:
        await self._call("read")
        return self.state

    async def write(self, text: str, *, over: str | None) -> str | None:
        await self._call("write")
        if over != (None if self.state is None else self.state.version):
            return None
        self._versions += 1
        self.state = RecordState(text, str(self._versions))
        return self.state.version

    async def _call(self, name: str) -> None:
        self.calls.append(name)
        await asyncio.sleep(self.seconds)
        if self.broken:
            raise JournalUnavailable("broken")


class InMemoryRecords:
    """A record for each name; `named` has those that were asked for."""

    def __init__(self) -> None:
        self.named: dict[str, InMemoryRecord] = {}

    def record(self, name: str) -> InMemoryRecord:
        return self.named.setdefault(name, InMemoryRecord())

    async def close(self) -> None:
        """There is nothing to close."""
