"""One process of the real service between the models of a soak: delivers to it, in virtual time, until all has ended."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any, Final

from benchmarks import model
from emulators.servicebus.message import Message
from shared import assembly
from shared.assembly import Machine, Messages, Tenant
from shared.blast_radius import BlastRadius
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.graph.scan_size import LastSize
from shared.keyed_locks import KeyedLocks
from shared.messaging import contract
from shared.processor import Processor
from tests import builders
from tests.proof import bus as proof
from tests.soak.bus import ForgetfulBus
from tests.soak.links import Wire
from tests.soak.outside import Graph, Journal, Record

_STORAGE: Final = model.STORAGE_SECONDS
_LONGEST_NAP: Final = 60.0

type Decode = Callable[..., Any]


class Service:
    """`processor` is what is soaked. `decode` may be another reader of messages, to plant a leak."""

    def __init__(self, devices: int, seed: int, decode: Decode = contract.decode) -> None:
        chance = random.Random(seed)
        self.graph = Graph(devices, chance)
        self.journal = Journal(chance)
        self.bus = ForgetfulBus(self.graph.clock)
        self.wire = Wire(self.bus, chance)
        self._running: dict[str, set[asyncio.Task[None]]] = {queue: set() for queue in proof.QUEUES}
        self.processor = self._processor(chance, decode)
        self._verbs = {
            builders.OFFBOARDING: self.processor.user_offboarding,
            builders.RETIREMENT: self.processor.device_retirement,
            builders.VERIFICATION: self.processor.verification,
        }

    def _processor(self, chance: random.Random, decode: Decode) -> Processor:
        """Wired as bootstrap does."""
        clock, events, devices_in_hand = self.graph.clock, KeyedLocks(), KeyedLocks()
        permits = SharedPermits(Record(seconds=_STORAGE), clock=clock, max_wait=timedelta(seconds=10))
        live, dry = (BlastRadius(Record(seconds=_STORAGE), clock=clock, limit=1_000_000) for _ in range(2))
        devices = GraphAutopilotDevices(
            self.graph,  # type: ignore[arg-type]  # the model of it
            clock=clock,
            directory_max_age=timedelta(seconds=60),
            pace=Pace(clock, permits),
            in_hand=lambda: max(len(events), len(devices_in_hand)),
            last_size=LastSize(Record(seconds=_STORAGE)),
        )
        return assembly.processor(
            Tenant(devices=devices, users=None, permits=permits, live=live, dry=dry, in_hand=devices_in_hand),
            Messages(
                settler=self.wire.settler,
                publisher=self.wire.publisher,
                queues=builders.QUEUES,
                decode=decode,
                in_hand=events,
            ),
            self.journal,
            Machine(clock=clock, jitter=chance.random, pseudonym=lambda _: "x"),
            builders.RULES,
        )

    async def until_all_has_ended(self) -> None:
        """Deliver everything, and its copies and verifications, until nothing is left in any queue."""
        while self._deliver() or next(self.bus.waiting(), None) is not None:
            due = self.bus.next_due
            nap = _LONGEST_NAP if due is None else (due - self.graph.clock.now()).total_seconds()
            self.wire.changed.clear()
            try:
                async with asyncio.timeout(min(max(nap, 0.001), _LONGEST_NAP)):
                    await self.wire.changed.wait()
            except TimeoutError:
                continue

    def _deliver(self) -> bool:
        """Hand over what can be taken, so many of each queue at a time; whether anything is in hand."""
        for queue in proof.QUEUES:
            running = self._running[queue]
            while len(running) < model.CONCURRENCY and (message := self.bus.take(queue)) is not None:
                self._hand_over(queue, message)
        return any(self._running.values())

    def _hand_over(self, queue: str, message: Message) -> None:
        task = asyncio.get_running_loop().create_task(self._verbs[queue](proof.trigger(message)))
        self._running[queue].add(task)
        task.add_done_callback(partial(self._ended, queue))

    def _ended(self, queue: str, task: asyncio.Task[None]) -> None:
        self._running[queue].discard(task)
        self.wire.changed.set()
        task.result()

    def forget(self) -> None:
        """Let go of everything that the models know of what has ended."""
        self.bus.discard_dead_letters()
        self.journal.forget()
        self.graph.forget()
