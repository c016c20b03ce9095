"""The shared record in memory: implements ports.SharedRecord for tests, with a trail of its calls and a switch to break it."""

import asyncio

from shared.domain.errors import JournalUnavailable
from shared.ports import RecordState


class InMemoryQuotaRecord:
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
