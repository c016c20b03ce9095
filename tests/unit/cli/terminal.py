"""A carrier over fakes, for an engineer who unassigns by hand."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from cli.unassigning.carrying import Carrier, Done, Order
from cli.unassigning.memory import MemoryJournal
from shared import assembly
from shared.blast_radius import Allowance
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.report import Outcome
from shared.graph.asking import Route
from tests import builders, fakes

EVENT = EventId("terminal-1")


def order(*names: str, **fields: Any) -> Order:
    defaults: dict[str, Any] = {
        "action": Action.UNASSIGN_USER,
        "expect_user": None,
        "route": Route.DEVICE,
        "headers": {},
        "what_if": False,
    }
    return Order(devices=[AutopilotDeviceId(name) for name in names], **{**defaults, **fields})


class Terminal:
    """A carrier over fakes; `slept` are the pauses, which take no time."""

    def __init__(self, *devices: AutopilotDevice, guard: Guard | None = None) -> None:
        self.script, self.clock = fakes.Script(), fakes.FakeClock()
        self.graph = fakes.FakeAutopilotDevices(self.clock, self.script, *devices)
        self.journal = fakes.ScriptedJournal(self.script)
        self.stop = asyncio.Event()
        self.slept: list[float] = []
        self.told: list[Done] = []
        self.allowance: Allowance | None = None
        self.asleep: Callable[[], Awaitable[object] | None] = lambda: None
        self._guard = guard or Guard(max_devices_per_user=10)

    async def carry_out(self, wanted: Order, journal: MemoryJournal | None = None) -> list[Outcome]:
        kept = journal or self.journal
        tenant = assembly.Tenant(devices=self.graph, users=None)
        rules = replace(builders.RULES, guard=self._guard)
        self.results = await Carrier(
            unassigner=assembly.handlers(tenant, kept, self.clock, rules).unassigner,
            journal=kept,
            event_id=EVENT,
            stop=self.stop,
            told=self.told.append,
            clock=self.clock,
            allowance=self.allowance,
            sleep=self._sleep,
        ).carry_out(wanted)
        return [done.report.outcome for done in self.results]

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        waiting = self.asleep()
        if waiting is not None:
            await waiting
