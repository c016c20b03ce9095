"""A journal in memory: implements ports.Journal with two lists, for tests."""

from shared import ports
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId
from shared.messaging.conclusion import Conclusion


class InMemoryJournal:
    """`entries` and `conclusions` hold all that was written, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.conclusions: list[Conclusion] = []

    async def read(self, event_id: EventId) -> ports.Record:
        entries = (entry for entry in self.entries if entry.event_id == event_id)
        conclusions = (conclusion for conclusion in self.conclusions if conclusion.event_id == event_id)
        return ports.Record(History.of(entries), tuple(conclusions))

    async def append(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        for found in self.conclusions:
            if _slot(found) == _slot(conclusion):
                return found
        self.conclusions.append(conclusion)
        return conclusion


def _slot(conclusion: Conclusion) -> tuple[str, int, bool, str]:
    return conclusion.event_id, conclusion.run, conclusion.dry_run, conclusion.fingerprint
