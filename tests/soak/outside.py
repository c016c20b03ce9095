"""Graph, the journal and the shared records in a soak: models that forget what has ended. Now and then a call fails."""

import random
from datetime import datetime
from typing import Final

from benchmarks import model
from benchmarks.graph_model import GraphModel
from emulators.graph.messages import error
from emulators.graph.quota import INTUNE
from shared import ports
from shared.domain.errors import JournalUnavailable
from shared.domain.history import Entry
from shared.domain.identifiers import EventId
from shared.graph.response import Response
from shared.messaging.conclusion import Conclusion
from tests import graph_values
from tests.fakes_records import InMemoryRecord
from tests.soak.bus import FAILS

_UNWELL: Final = (503, 429, 500, 504)


class Graph(GraphModel):
    """The emulated Graph with a tenant of so many devices, which are assigned anew again and again."""

    def __init__(self, devices: int, chance: random.Random) -> None:
        super().__init__(devices, INTUNE, chance)
        self._weather = chance

    def forget(self) -> None:
        """Nothing of what was asked is needed any more."""
        self.writes.clear()

    async def exchange(self, asked: graph_values.Asked, send_by: datetime | None = None) -> Response:
        """As GraphModel's, but for a few that fail at once."""
        if self._weather.random() < FAILS:
            return graph_values.response(error(self._weather.choice(_UNWELL), "a fault"))
        return await super().exchange(asked, send_by)


class Journal(model.SlowJournal):
    """A journal that an operator empties."""

    def __init__(self, chance: random.Random) -> None:
        super().__init__()
        self._chance = chance

    def forget(self) -> None:
        """Remove all events."""
        self._events.clear()

    async def read(self, event_id: EventId) -> ports.Record:
        """As ports.Journal."""
        found = await super().read(event_id)
        self._may_fail()
        return found

    async def append(self, entry: Entry) -> None:
        """As ports.Journal."""
        await super().append(entry)
        self._may_fail()

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """As ports.Journal."""
        on_record = await super().conclude(conclusion)
        self._may_fail()
        return on_record

    def _may_fail(self) -> None:
        if self._chance.random() < FAILS:
            raise JournalUnavailable("no answer")


class Record(InMemoryRecord):
    """A shared record that keeps no trail of its calls."""

    async def _call(self, name: str) -> None:
        await super()._call(name)
        self.calls.clear()
