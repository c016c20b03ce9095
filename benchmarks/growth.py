"""What a message costs as more of them wait, and as the tenant grows; what a scan costs, and what is kept of it.

Queues are measured with the whole service in virtual time, each message unassigning one device under the quota. CPU is that of
this process, models of Graph and Service Bus included.
"""

import asyncio
import gc
import logging
import random
import statistics
import time
import tracemalloc
from collections import defaultdict
from datetime import timedelta
from typing import Final

from benchmarks import model, printing, stubs, tenants
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from benchmarks.targets import Figures
from emulators.graph.quota import INTUNE
from shared.domain.identifiers import UserPrincipalName
from shared.graph.autopilot_devices import GraphAutopilotDevices
from tests import builders, virtual_time
from tests.fakes_records import InMemoryRecord

QUEUED: Final = (100, 1_000, 10_000)
DEVICES: Final = (1_000, 10_000, 100_000)
_MESSAGES: Final = 500
_ROUNDS: Final = 3
_MOST_TIMES: Final = 10


async def _queue(messages: int) -> dict[str, float]:
    graph = GraphModel(messages, INTUNE, random.Random(0))
    broker, record, journal = Broker(), InMemoryRecord(seconds=model.STORAGE_SECONDS), model.SlowJournal()
    running = [model.process(graph, broker, record, journal)]
    for number, device in enumerate(graph.ids):
        body = builders.retired_body(device={"autopilotDeviceId": device}, eventId=f"e{number}")
        broker.send(builders.Trigger(body=body, message_id=f"e{number}", enqueued_time_utc=graph.clock.now()))
    gc.collect()
    gc.disable()  # the model keeps every message in memory, and a collection looks at all that is there
    begun = time.process_time()
    await model.run_until_ended(running, broker, messages)
    cpu = time.process_time() - begun
    gc.enable()
    assert set(broker.ended.values()) == {"unassigned"}
    return {
        "cpu_ms": cpu / messages * 1000,
        "calls": graph.operations / messages,
        "deliveries": broker.deliveries / messages,
    }


async def _scan(devices: int) -> dict[str, float]:
    graph = GraphModel(0, None, random.Random(0))
    for device in tenants.devices(devices):
        graph.tenant.add(device)
    adapter = GraphAutopilotDevices(
        graph,  # type: ignore[arg-type]  # the model of it
        clock=graph.clock,
        directory_max_age=timedelta(seconds=60),
    )
    gc.collect()
    tracemalloc.start()
    directory = await adapter.directory()
    assert not directory.of_user([UserPrincipalName("nobody@contoso.example")])  # makes the index of users
    gc.collect()
    kept, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(directory.devices) == devices
    return {
        f"growth.bytes_per_device_{devices}": kept / devices,
        f"growth.peak_mib_{devices}_devices": peak / 2**20,
    }


async def _messages_in_a_tenant(devices: int) -> float:
    processor = stubs.processor(stubs.Devices(stubs.tenant(devices)), stubs.ServiceBus())
    begun = time.process_time()
    for number in range(_MESSAGES):
        await processor.user_offboarding(stubs.offboarded(number))
    return (time.process_time() - begun) / _MESSAGES * 1000


def _queues() -> Figures:
    """Medians of rounds; in each, as many messages go through the short queue as through the longest, a queue at a time.

    So both take as long, and what else the machine does weighs on both alike.
    """
    figures: dict[str, list[float]] = defaultdict(list)
    for _ in range(_ROUNDS):
        cpu: dict[int, float] = {}
        for queued in QUEUED:
            times = min(_MOST_TIMES, QUEUED[-1] // queued)
            runs = [virtual_time.run(_queue(queued)) for _ in range(times)]
            cpu[queued] = statistics.fmean(run.pop("cpu_ms") for run in runs)
            figures[f"growth.cpu_ms_{queued}_queued"].append(cpu[queued])
            for key, value in runs[0].items():
                figures[f"growth.{key}_{queued}_queued"].append(value)
        figures["growth.per_message_ratio"].append(cpu[10_000] / cpu[1_000])
    return {key: statistics.median(values) for key, values in figures.items()}


def measure() -> Figures:
    """Everything."""
    figures: dict[str, float] = {**_queues()}
    for devices in DEVICES:
        runs = [asyncio.run(_messages_in_a_tenant(devices)) for _ in range(_ROUNDS)]
        figures[f"growth.cpu_ms_{devices}_devices"] = min(runs)
        figures |= virtual_time.run(_scan(devices))
    figures["growth.bytes_per_device"] = max(figures[f"growth.bytes_per_device_{devices}"] for devices in DEVICES)
    return figures


if __name__ == "__main__":
    logging.disable()
    printing.show(measure())
