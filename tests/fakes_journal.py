"""A journal in memory: implements ports.Journal with three lists, for tests."""

from shared import ports
from shared.domain.acts import Act
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId
from shared.messaging.conclusion import Conclusion


class InMemoryJournal:
    """`entries`, `conclusions` and `acts` hold all that was written, in order."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.conclusions: list[Conclusion] = []
        self.acts: list[Act] = []

    async def read(self, event_id: EventId) -> ports.Record:
        entries = (entry for entry in self.entries if entry.event_id == event_id)
        conclusions = (conclusion for conclusion in self.conclusions if conclusion.event_id == event_id)
        acts = (act for act in self.acts if act.event_id == event_id)
        return ports.Record(History.of(entries), tuple(conclusions), tuple(acts))

    async def append(self, entry: Entry) -> None:
        self.entries.append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        for found in self.conclusions:
            if _slot(found) == _slot(conclusion):
                return found
        self.conclusions.append(conclusion)
        return conclusion

    async def note(self, act: Act) -> Act:
        for found in self.acts:
            if (found.event_id, found.kind, found.act_id) == (act.event_id, act.kind, act.act_id):
                return found
        self.acts.append(act)
        return act


def _slot(conclusion: Conclusion) -> tuple[str, int, bool, str]:
    return conclusion.event_id, conclusion.run, conclusion.dry_run, conclusion.fingerprint
