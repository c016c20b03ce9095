"""Processes of the real service between a model of Graph and one of Service Bus, in virtual time: whatever happens, it ends.

Delivers messages, restarts what was killed, and lets time pass. What goes wrong is the injector's affair.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from emulators.servicebus.message import Message
from shared import ports
from shared.domain.device import AutopilotDevice
from shared.messaging import incoming
from shared.processor import Processor
from tests import builders
from tests.fakes_journal import InMemoryJournal
from tests.proof import bus as buses
from tests.proof import guards
from tests.proof import process as processes
from tests.proof import tenant as tenants
from tests.proof.faults import Choose
from tests.proof.injector import Injector, Latency, Life, Weather, fair, quick
from tests.proof.invariants import Invariants
from tests.proof.ledger import DELIVERY, Delivery
from tests.proof.outside import Outside
from tests.proof.process import HONEST, Plant
from tests.virtual_time import VirtualClock

_RESTART_SECONDS: Final = 5.0
_ON_THE_BUS: Final = ("schedule", "settle", "publish")
_BRINGS_A_MESSAGE: Final = ("schedule", "settle.abandon")
"""After these a message may be due before whatever was due first by then."""
_LONGEST: Final = timedelta(hours=30)


@dataclass(slots=True)
class _Process:
    life: Life
    processor: Processor
    skew: timedelta
    ready_at: float = 0.0


@dataclass(slots=True, kw_only=True)
class World:
    """The whole. `chance` decides about jitter; `skews` are the processes' clocks, one for each."""

    devices: Sequence[AutopilotDevice]
    choose: Choose
    chance: random.Random
    skews: Sequence[timedelta] = (timedelta(0),)
    lag: timedelta = timedelta(0)
    page_size: int = 1000
    refuses: Mapping[str, int] = field(default_factory=dict)
    users: Sequence[ports.User] = ()
    limits: guards.Limits = guards.WIDE
    plant: Plant = HONEST
    weather: Weather = fair
    latency: Latency = quick
    outside: Outside = field(init=False)
    tenant: tenants.Tenant = field(init=False)
    bus: buses.Bus = field(init=False)
    invariants: Invariants = field(init=False)
    _processes: list[_Process] = field(default_factory=list)
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _turn: int = 0
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def __post_init__(self) -> None:
        clock = VirtualClock()
        self.tenant = tenants.Tenant(clock, self.devices, lag=self.lag, page_size=self.page_size, refuses=self.refuses)
        self.bus = buses.Bus(clock)
        self.invariants = Invariants(
            tenant=self.tenant,
            bus=self.bus,
            limits=self.limits,
            kiosks=guards.kiosks(self.devices),
            skew=max(self.skews) - min(self.skews),
        )
        self.invariants.ahead = max(timedelta(0), *self.skews)
        self.outside = Outside(
            clock=clock,
            tenant=self.tenant,
            bus=self.bus,
            journal=InMemoryJournal(),
            injector=Injector(self.choose, self.latency, self._stepped, self.weather),
            invariants=self.invariants,
            limits=self.limits,
            users=self.users,
        )
        self._processes = [self._start(skew) for skew in self.skews]

    @property
    def now(self) -> float:
        """Seconds since the beginning."""
        return self._loop.time()

    def kill(self, number: int) -> None:
        """One process ends without a word; another one takes its place a little later."""
        self._processes[number].life.kill()
        self._wake.set()

    @property
    def processes(self) -> int:
        """How many there are."""
        return len(self._processes)

    def start_another(self, skew: timedelta) -> None:
        """One process more, with a clock that is so far ahead."""
        self._processes.append(self._start(skew))
        self.invariants.skew = max(self.invariants.skew, *(abs(skew - each.skew) for each in self._processes))
        self.invariants.ahead = max(self.invariants.ahead, skew)
        self._wake.set()

    async def until_quiet(self) -> None:
        """Let everything end. What has not ended after a day and more is found broken, as is whatever escapes."""
        while not self.invariants.ledger.broken:
            self._happen()
            if self._quiet():
                self.invariants.done()
                return
            self.invariants.ledger.find("ends: everything ends in time", self.now < _LONGEST.total_seconds())
            await self.pass_time(3600)
        for process in self._processes:
            process.life.kill()

    async def pass_time(self, seconds: float) -> None:
        """Wait until something is due or has happened, at most so long."""
        due = self.bus.next_due
        waits = [seconds, *(each.ready_at - self.now for each in self._processes)]
        if due is not None:
            waits.append((due - self.outside.clock.now()).total_seconds())
        self._wake.clear()
        first = min(wait for wait in waits if wait > 0)  # what is due waits for a process that is up
        timer = self._loop.call_later(first, self._wake.set)
        await self._wake.wait()
        timer.cancel()

    async def run_for(self, seconds: float) -> None:
        """Work for so long."""
        end = self.now + seconds
        while self.now < end and not self.invariants.ledger.broken:
            self._happen()
            await self.pass_time(end - self.now)

    def _stepped(self, call: str) -> None:
        if call.startswith(_ON_THE_BUS):
            self.invariants.step()
        if call.startswith(_BRINGS_A_MESSAGE):
            self._wake.set()

    def later(self, seconds: float, happens: Callable[[], None]) -> None:
        """Something is to happen then, whatever else does."""
        self._loop.call_later(seconds, happens)

    def _happen(self) -> None:
        self._restart_the_dead()
        self._deliver()

    def _quiet(self) -> bool:
        busy = any(each.life.tasks for each in self._processes)
        return not busy and next(self.bus.waiting(), None) is None

    def _restart_the_dead(self) -> None:
        for number, process in enumerate(self._processes):
            if not process.life.alive:
                self._processes[number] = self._start(process.skew, self.now + _RESTART_SECONDS)

    def _deliver(self) -> None:
        """Every message that is ready goes to a process that is up, in turn."""
        up = [each for each in self._processes if each.ready_at <= self.now]
        if not up:
            return
        before = self._turn
        for queue in buses.QUEUES:
            while (message := self.bus.take(queue)) is not None:
                self._turn += 1
                self._hand_over(up[self._turn % len(up)], queue, message)
        if self._turn != before:
            self.invariants.step()

    def _hand_over(self, process: _Process, queue: str, message: Message) -> None:
        task = self._loop.create_task(self._handle(process, queue, message))
        process.life.tasks.add(task)
        task.add_done_callback(partial(self._ended, process.life))

    async def _handle(self, process: _Process, queue: str, message: Message) -> None:
        trigger = buses.trigger(message)
        override = trigger.application_properties.get(incoming.OVERRIDE)
        delivery = Delivery(process.life, queue, trigger.message_id, self.outside.clock.now(), override)
        DELIVERY.set(delivery)
        verb = {
            builders.OFFBOARDING: process.processor.user_offboarding,
            builders.RETIREMENT: process.processor.device_retirement,
            builders.VERIFICATION: process.processor.verification,
        }[queue]
        try:
            await verb(trigger)
        except Exception as error:  # noqa: BLE001 - nothing may escape
            self.invariants.ledger.find(f"no escape: {error!r} from {trigger.message_id}", False)
        else:
            self.invariants.over(delivery, unsettled=str(message.lock_token) == trigger.lock_token)

    def _ended(self, life: Life, task: asyncio.Task[None]) -> None:
        life.tasks.discard(task)
        if not life.tasks:
            self._wake.set()

    def _start(self, skew: timedelta, ready_at: float = 0.0) -> _Process:
        life = Life()
        processor = processes.start(self.outside, life, VirtualClock(skew), self.plant, self.chance.random)
        return _Process(life, processor, skew, ready_at)
