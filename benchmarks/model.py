"""Whole processes of the service between a model of Graph and one of Service Bus, in virtual time.

The processor, handlers, permits, batches and pacing run as they are; so do the emulated Graph's throttling and operations.
"""

import asyncio
import random
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from benchmarks import broker_model, stubs
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from shared import assembly, ports
from shared.assembly import Machine, Messages, Tenant
from shared.domain.history import Entry
from shared.domain.identifiers import EventId
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.keyed_locks import KeyedLocks
from shared.messaging.conclusion import Conclusion
from shared.processor import Processor
from tests import builders
from tests.fakes_records import InMemoryRecord

STORAGE_SECONDS: Final = 0.01
CONCURRENCY: Final = 32


class SlowJournal(stubs.Journal):
    """A journal in memory, as slow as storage."""

    async def read(self, event_id: EventId) -> ports.Record:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        return await super().read(event_id)

    async def append(self, entry: Entry) -> None:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        await super().append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        return await super().conclude(conclusion)


def process(graph: GraphModel, broker: Broker, record: InMemoryRecord, journal: SlowJournal) -> Processor:
    """One process of the service, wired as bootstrap does."""
    clock, client = graph.clock, graph
    events, devices_in_hand = KeyedLocks(), KeyedLocks()
    permits = SharedPermits(record, clock=clock, max_wait=timedelta(seconds=10))
    devices = GraphAutopilotDevices(
        client,  # type: ignore[arg-type]  # the model of it
        clock=clock,
        directory_max_age=timedelta(seconds=60),
        pace=Pace(clock, permits),
        in_hand=lambda: max(len(events), len(devices_in_hand)),
    )
    messages = Messages(
        settler=broker,
        publisher=broker,
        queues=builders.QUEUES,
        in_hand=events,
    )
    return assembly.processor(
        Tenant(devices=devices, users=None, permits=permits, in_hand=devices_in_hand),
        messages,
        journal,
        Machine(clock=clock, jitter=random.Random(1).random, pseudonym=lambda _: "x"),
        builders.RULES,
    )


async def run_until_ended(processors: Sequence[Processor], broker: Broker, messages: int) -> float:
    """Let the processes work until all messages have ended; the seconds that took."""
    loop = asyncio.get_running_loop()
    idle: asyncio.Queue[Processor] = asyncio.Queue()
    for _ in range(CONCURRENCY):
        for processor in processors:
            idle.put_nowait(processor)

    async def handle(processor: Processor, trigger: builders.Trigger) -> None:
        begun = loop.time()
        await asyncio.sleep(broker_model.BROKER_SECONDS)
        await (processor.user_offboarding if broker.offboarding else processor.device_retirement)(trigger)
        broker.deliveries += 1
        broker.held.append(loop.time() - begun)
        idle.put_nowait(processor)

    async def deliver() -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                processor = await idle.get()
                group.create_task(handle(processor, await broker.next()))

    delivering = asyncio.create_task(deliver())
    while len(broker.ended) < messages:
        await asyncio.sleep(0.1)
        if delivering.done():
            delivering.result()
    seconds = loop.time()
    delivering.cancel()
    await asyncio.wait([delivering])
    return seconds
