"""The models that all processes share, and the journal and the records of one of them. Translates; decides nothing.

What the invariants ask of is noted in the ledger as it happens.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from shared import ports
from shared.domain.acts import Act
from shared.domain.errors import JournalUnavailable
from shared.domain.history import Entry, Step
from shared.domain.identifiers import EventId
from shared.messaging.conclusion import Conclusion
from tests.fakes_journal import InMemoryJournal
from tests.proof.bus import Bus
from tests.proof.guards import Limits
from tests.proof.injector import Injector, Life
from tests.proof.invariants import Invariants
from tests.proof.ledger import DELIVERY
from tests.proof.tenant import Tenant


@dataclass(slots=True, kw_only=True)
class Outside:
    """What all processes share: the models, and who watches them. Without `users` nobody may be asked about them."""

    clock: ports.Clock
    tenant: Tenant
    bus: Bus
    journal: InMemoryJournal
    injector: Injector
    invariants: Invariants
    limits: Limits
    users: Sequence[ports.User] = ()
    records: dict[str, ports.RecordState] = field(default_factory=dict)


class _Port:
    def __init__(self, outside: Outside, life: Life) -> None:
        self._outside = outside
        self._life = life

    async def _call[T](self, name: str, effect: Callable[[], T], error: Callable[[], Exception]) -> T:
        return await self._outside.injector.call(self._life, name, effect, error)

    def _now(self) -> datetime:
        return self._outside.clock.now()


class Journal(_Port):
    """ports.Journal."""

    async def read(self, event_id: EventId) -> ports.Record:
        def look() -> ports.Record:
            DELIVERY.get().knows_until = self._now()
            return at_once(self._outside.journal.read(event_id))

        return await self._call("journal.read", look, _no_journal)

    async def append(self, entry: Entry) -> None:
        delivery, ledger = DELIVERY.get(), self._outside.invariants.ledger
        of_the_event = entry.step is not Step.CLEAR
        if of_the_event:
            delivery.event, delivery.run = entry.event_id, entry.run

        def take() -> None:
            self._outside.journal.entries.append(entry)
            if of_the_event:
                self._outside.invariants.recorded(entry)

        try:
            await self._call(f"journal.append.{entry.step}", take, _no_journal)
        except JournalUnavailable:
            ledger.unrecorded(entry)
            raise

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        def write() -> Conclusion:
            on_record = at_once(self._outside.journal.conclude(conclusion))
            if on_record is conclusion:
                self._outside.invariants.concluded(conclusion.document)
            return on_record

        return await self._call("journal.conclude", write, _no_journal)

    async def note(self, act: Act) -> Act:
        return await self._outside.journal.note(act)


class Record(_Port):
    """ports.SharedRecord, over a state that all processes share."""

    def __init__(self, outside: Outside, life: Life, name: str) -> None:
        super().__init__(outside, life)
        self._name = name
        self._states = outside.records

    async def read(self) -> ports.RecordState | None:
        return await self._call(f"{self._name}.read", lambda: self._states.get(self._name), _no_journal)

    async def write(self, text: str, *, over: str | None) -> str | None:
        return await self._call(f"{self._name}.write", lambda: self._write(text, over), _no_journal)

    def _write(self, text: str, over: str | None) -> str | None:
        known = self._states.get(self._name)
        if over != (None if known is None else known.version):
            return None
        version = str(1 if known is None else int(known.version) + 1)
        self._states[self._name] = ports.RecordState(text, version)
        return version


def at_once[T](never_waits: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing: the journal in memory, so that its call is one step."""
    try:
        never_waits.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise RuntimeError("it waits for something")


def _no_journal() -> Exception:
    return JournalUnavailable("no answer")
