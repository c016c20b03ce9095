"""The ports of one life of a process, each call through the injector. Translates; decides nothing.

What the invariants ask of is noted in the ledger as it happens.
"""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, cast

from shared import ports
from shared.domain.acts import Act
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import GraphUnavailable, JournalUnavailable, OutcomeNotPublished, TokenUnavailable
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, same
from shared.messaging.conclusion import Conclusion
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from tests.fakes_journal import InMemoryJournal
from tests.proof.bus import Bus
from tests.proof.faults import Injector, Life
from tests.proof.invariants import Invariants
from tests.proof.ledger import DELIVERY, Post
from tests.proof.tenant import Tenant

_DIRECTORY_MAX_AGE: Final = timedelta(seconds=60)


@dataclass(slots=True, kw_only=True)
class Outside:
    """What all processes share: the models, and who watches them."""

    clock: ports.Clock
    tenant: Tenant
    bus: Bus
    journal: InMemoryJournal
    injector: Injector
    invariants: Invariants


class _Port:
    def __init__(self, outside: Outside, life: Life) -> None:
        self._outside = outside
        self._life = life

    async def _call[T](self, name: str, effect: Callable[[], T], error: Callable[[], Exception]) -> T:
        return await self._outside.injector.call(self._life, name, effect, error)

    def _now(self) -> datetime:
        return self._outside.clock.now()


class Devices(_Port):
    """ports.AutopilotDevices: the list is shared while it is young, as the adapter does."""

    def __init__(self, outside: Outside, life: Life) -> None:
        super().__init__(outside, life)
        self._directory: Directory | None = None

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        asked_at = self._now()
        record = await self._call("graph.get", lambda: self._outside.tenant.get(device), _no_token)
        DELIVERY.get().reads[device] = asked_at, None if record is None else record.user_principal_name
        return record

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        post = Post(DELIVERY.get(), device, self._now())
        self._outside.invariants.sent(post)

        def accept() -> None:
            post.accepted_at = self._now()
            post.user = self._outside.tenant.user_of(device)
            self._outside.invariants.accepted(post)
            self._outside.tenant.unassign(device, action)

        await self._call("graph.unassign", accept, _no_answer)
        post.answered_at = self._now()

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        def found() -> list[AutopilotDevice]:
            return [device for device in self._outside.tenant.all() if same(device.serial_number, serial_number)]

        return await self._call("graph.with_serial_number", found, _no_answer)

    async def directory(self, *, trusted: bool = False) -> Directory:
        if self._directory is None or self._now() - self._directory.read_at >= _DIRECTORY_MAX_AGE:
            read_at = self._now()
            devices = await self._call("graph.directory", self._outside.tenant.all, _no_answer)
            self._directory = Directory(devices, read_at)
        return self._directory


class Journal(_Port):
    """ports.Journal."""

    async def read(self, event_id: EventId) -> ports.Record:
        return await self._call("journal.read", lambda: _at_once(self._outside.journal.read(event_id)), _no_journal)

    async def append(self, entry: Entry) -> None:
        DELIVERY.get().event = entry.event_id

        def take() -> None:
            self._outside.journal.entries.append(entry)
            if entry.step is Step.ACCEPTED:
                self._outside.invariants.ledger.recorded(entry, self._now())

        await self._call(f"journal.append.{entry.step}", take, _no_journal)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        def write() -> Conclusion:
            return _at_once(self._outside.journal.conclude(conclusion))

        return await self._call("journal.conclude", write, _no_journal)

    async def note(self, act: Act) -> Act:
        return await self._outside.journal.note(act)


class Publisher(_Port):
    """ports.OutcomePublisher."""

    async def publish(self, publication: Publication) -> None:
        await self._call(
            "publish", lambda: self._outside.bus.publish(publication), lambda: OutcomeNotPublished("closed")
        )


class Settler(_Port):
    """ports.Settler."""

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        name = f"settle.{type(settlement).__name__.lower()}"
        self._outside.invariants.settling(settlement)
        await self._call(name, lambda: self._outside.bus.settle(message, settlement), _unsettled)

    async def schedule(self, copy: ScheduledCopy) -> None:
        first = copy.original.queue == "unassignment-verification" and "copy" not in copy.application_properties
        name = "schedule.verification" if first else "schedule"
        await self._call(name, lambda: self._outside.bus.schedule(copy), _unsettled)


class Record(_Port):
    """ports.SharedRecord, over a state that all processes share."""

    def __init__(self, outside: Outside, life: Life, name: str, states: dict[str, ports.RecordState]) -> None:
        super().__init__(outside, life)
        self._name = name
        self._states = states

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


def _at_once[T](never_waits: Coroutine[Any, Any, T]) -> T:
    """What a coroutine returns that waits for nothing: the journal in memory, so that its call is one step."""
    try:
        never_waits.send(None)
    except StopIteration as done:
        return cast("T", done.value)
    raise RuntimeError("it waits for something")


def _no_token() -> Exception:
    return TokenUnavailable("no token")


def _no_answer() -> Exception:
    return GraphUnavailable("no answer")


def _no_journal() -> Exception:
    return JournalUnavailable("no answer")


def _unsettled() -> Exception:
    return ports.SettlementFailed("closed")
