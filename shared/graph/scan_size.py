"""How many devices the last scan found, over all processes: a list with far fewer may lack a leaver's. Knows the record only."""

from typing import Final

from shared import ports
from shared.domain.errors import JournalUnavailable

FEWEST: Final = 0.5
"""The share of the last scan's devices below which a scan is not believed."""
_TRIES: Final = 5


class LastSize:
    """The size of the last scan that was believed, in a record that all processes share. Raises JournalUnavailable."""

    def __init__(self, record: ports.SharedRecord) -> None:
        self._record = record

    async def doubts(self, size: int) -> str | None:
        """Why a scan is not to be believed; one that is becomes the last one."""
        state = await self._record.read()
        last = 0 if state is None else _size(state.text)
        if size < last * FEWEST:
            return f"the list has {size} devices, and the last one had {last}"
        if size != last or state is None:
            await self._record.write(str(size), over=None if state is None else state.version)  # or another scan's
        return None

    async def believe(self, size: int) -> None:
        """An operator says that a scan is right."""
        for _ in range(_TRIES):
            state = await self._record.read()
            if await self._record.write(str(size), over=None if state is None else state.version) is not None:
                return
        raise JournalUnavailable("scan: others were quicker each time")


def _size(text: str) -> int:
    """The size on record; none for what can't be read, which the next scan mends."""
    return int(text) if text.isascii() and text.isdigit() else 0
