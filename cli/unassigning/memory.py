"""A journal, and shared records, that last as long as the command: for one who has given none.

Later attempts learn from them what earlier ones did, and all devices of the command are counted together.
"""

from shared import ports
from shared.domain.acts import Act
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId
from shared.messaging.conclusion import Conclusion


class MemoryJournal:
    """Implements ports.Journal; nothing concludes an event here."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    async def read(self, event_id: EventId) -> ports.Record:
        """All entries of the event so far."""
        return ports.Record(History.of(each for each in self._entries if each.event_id == event_id))

    async def append(self, entry: Entry) -> None:
        """Remember it."""
        self._entries.append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Nothing else is on record."""
        return conclusion

    async def note(self, act: Act) -> Act:
        """Nothing else is on record."""
        return act

    async def close(self) -> None:
        """There is nothing to close."""


class MemoryRecord:
    """Implements ports.SharedRecord for one process."""

    def __init__(self) -> None:
        self._state: ports.RecordState | None = None

    async def read(self) -> ports.RecordState | None:
        """The record as it is."""
        return self._state

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Replace the version that was read."""
        current = self._state.version if self._state else None
        if over != current:
            return None
        self._state = ports.RecordState(text, str(int(current or 0) + 1))
        return self._state.version


class MemoryRecords:
    """Records by their names."""

    def __init__(self) -> None:
        self._records: dict[str, MemoryRecord] = {}

    def record(self, name: str) -> MemoryRecord:
        """The one of this name."""
        return self._records.setdefault(name, MemoryRecord())

    async def close(self) -> None:
        """There is nothing to close."""
