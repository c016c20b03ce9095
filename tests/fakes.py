"""Fakes of the ports: lists and dicts, one script of what goes wrong, and one trail of all calls in their order."""

from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import SuspiciousScan
from shared.domain.events import Action
from shared.domain.history import Entry
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, UserObjectId, UserPrincipalName, same
from shared.messaging.conclusion import Conclusion
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from tests.fakes_journal import InMemoryJournal
from tests.personal import nothing_personal

VERIFICATION = "unassignment-verification"
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class FakeClock:
    """Stands still until told."""

    def __init__(self, now: datetime = NOW) -> None:
        self.at = now

    def now(self) -> datetime:
        return self.at

    def advance(self, **by: float) -> None:
        self.at += timedelta(**by)


@dataclass(slots=True)
class _Fault:
    error: BaseException
    times: int
    after: bool


@dataclass(slots=True)
class Script:
    """What goes wrong and when, by the name of a call; `trail` has every call that any fake got, in order."""

    trail: list[str] = field(default_factory=list)
    _faults: dict[str, list[_Fault]] = field(default_factory=lambda: defaultdict(list))
    _hooks: dict[str, list[Callable[[], Awaitable[object] | None]]] = field(default_factory=lambda: defaultdict(list))

    def fail(self, call: str, error: BaseException, *, times: int = 1, after: bool = False) -> None:
        """Let the next calls fail; with `after` the call takes effect and only its answer is lost."""
        self._faults[call].append(_Fault(error, times, after))

    def mend(self) -> None:
        self._faults.clear()

    def before(self, call: str, hook: Callable[[], Awaitable[object] | None]) -> None:
        """Do something when the next such call begins, or make it wait."""
        self._hooks[call].append(hook)

    @asynccontextmanager
    async def call(self, name: str) -> AsyncIterator[None]:
        self.trail.append(name)
        if self._hooks[name]:
            waiting = self._hooks[name].pop(0)()
            if waiting is not None:
                await waiting
        fault = self._next(name)
        if fault is not None and not fault.after:
            raise fault.error
        yield
        if fault is not None:
            raise fault.error

    def _next(self, name: str) -> _Fault | None:
        fault = next((each for each in self._faults[name] if each.times > 0), None)
        if fault is not None:
            fault.times -= 1
        return fault


class FakeAutopilotDevices:
    """A tenant. `listed` is what a scan shows, if it is staler than the records; `lagging` accepts a POST and clears later."""

    def __init__(self, clock: FakeClock, script: Script, *devices: AutopilotDevice) -> None:
        self.tenant = {device.autopilot_device_id: device for device in devices}
        self.listed: list[AutopilotDevice] | None = None
        self.lagging = False
        self.suspicious = False
        self.posts: list[tuple[str, Action]] = []
        self._clock, self._script = clock, script

    def put(self, *devices: AutopilotDevice) -> None:
        self.tenant |= {device.autopilot_device_id: device for device in devices}

    def clear(self, device: str, action: Action = Action.UNASSIGN_USER) -> None:
        record = next(record for id_, record in self.tenant.items() if same(id_, device))
        user = action is Action.UNASSIGN_USER
        self.put(replace(record, user_principal_name=None) if user else replace(record, resource_name=None))

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        async with self._script.call("graph.get"):
            return next((record for id_, record in self.tenant.items() if same(id_, device)), None)

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        async with self._script.call("graph.unassign"):
            self.posts.append((device, action))
            if not self.lagging:
                self.clear(device, action)

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        async with self._script.call("graph.with_serial_number"):
            self._doubt(trusted=trusted)  # as where Graph refuses the filter, and the list serves
            return [device for device in self._list() if same(device.serial_number, serial_number)]

    async def directory(self, *, trusted: bool = False) -> Directory:
        async with self._script.call("graph.directory"):
            self._doubt(trusted=trusted)
            return Directory(self._list(), self._clock.now())

    def _doubt(self, *, trusted: bool) -> None:
        if self.suspicious and not trusted:
            raise SuspiciousScan("the list has 1 devices, and the last one had 9")

    def _list(self) -> list[AutopilotDevice]:
        return list(self.tenant.values()) if self.listed is None else self.listed


class FakeUsers:
    """The tenant's users; `asked` has every look-up."""

    def __init__(self, *users: ports.User) -> None:
        self.users = list(users)
        self.asked: list[str] = []

    async def by_id(self, user: UserObjectId) -> ports.User | None:
        self.asked.append(user)
        return next((each for each in self.users if same(each.user_object_id, user)), None)

    async def by_name(self, name: UserPrincipalName) -> ports.User | None:
        self.asked.append(name)
        return next((each for each in self.users if not each.deleted and same(each.user_principal_name, name)), None)


class FakePublisher:
    """The topic; `published` has what reached it."""

    def __init__(self, script: Script) -> None:
        self.published: list[Publication] = []
        self._script = script

    async def publish(self, publication: Publication) -> None:
        async with self._script.call("publish"):
            self.published.append(publication)


class FakeSettler:
    """The queues; `settled` has each settlement with its message, `scheduled` each copy that is durable.

    Those that are to verify what a run did are in `verifications`.
    """

    def __init__(self, script: Script) -> None:
        self.settled: list[tuple[IncomingMessage, Complete | Abandon | DeadLetter]] = []
        self.scheduled: list[ScheduledCopy] = []
        self.verifications: list[ScheduledCopy] = []
        self._script = script

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        if isinstance(settlement, DeadLetter):
            nothing_personal(settlement.description, "the description of a dead letter")
        async with self._script.call("settle"):
            self.settled.append((message, settlement))

    async def schedule(self, copy: ScheduledCopy) -> None:
        first = copy.original.queue == VERIFICATION and "copy" not in copy.application_properties
        async with self._script.call("schedule.verification" if first else "schedule"):
            (self.verifications if first else self.scheduled).append(copy)


class ScriptedJournal(InMemoryJournal):
    """The journal in memory, behind the script; an append is named by its step, such as `journal.append.intent`."""

    def __init__(self, script: Script) -> None:
        super().__init__()
        self._script = script

    async def read(self, event_id: EventId) -> ports.Record:
        async with self._script.call("journal.read"):
            return await super().read(event_id)

    async def append(self, entry: Entry) -> None:
        async with self._script.call(f"journal.append.{entry.step.value}"):
            await super().append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        async with self._script.call("journal.conclude"):
            return await super().conclude(conclusion)
