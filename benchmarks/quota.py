"""How fast, and at what price, 1,000 devices are unassigned under an enforced quota of 100 writes in 20 s, in virtual time.

Prints and returns ratios: time over the floor of 5 writes a second, calls per success, share of 429s, locks held.
"""

import asyncio
import logging
import random
import statistics
from collections.abc import Mapping

from benchmarks import model
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from emulators.graph.quota import INTUNE
from tests import builders, virtual_time
from tests.fakes_records import InMemoryRecord

DEVICES = 1000
FLOOR_SECONDS = DEVICES / 5
NEIGHBOUR_PER_SECOND = 3.0
CASES = (("", 1, False), ("_4_processes", 4, False), ("_10_processes", 10, False), ("_neighbour", 1, True))


async def _drain(processes: int, *, neighbour: bool, seed: int) -> dict[str, float]:
    graph = GraphModel(DEVICES, INTUNE, random.Random(seed))
    broker, record, journal = Broker(), InMemoryRecord(seconds=model.STORAGE_SECONDS), model.SlowJournal()
    running = [model.process(graph, broker, record, journal) for _ in range(processes)]
    for number, device in enumerate(graph.ids):
        body = builders.retired_body(device={"autopilotDeviceId": device}, eventId=f"e{number}")
        broker.send(builders.Trigger(body=body, message_id=f"e{number}", enqueued_time_utc=graph.clock.now()))
    taking = asyncio.create_task(_neighbour(graph)) if neighbour else None
    seconds = await model.run_until_ended(running, broker, DEVICES)
    if taking is not None:
        taking.cancel()
    assert set(broker.ended.values()) == {"unassigned"}, set(broker.ended.values())
    assert not any(device.user_principal_name for device in graph.tenant.devices.values())
    floor = FLOOR_SECONDS / (1 - NEIGHBOUR_PER_SECOND / 5) if neighbour else FLOOR_SECONDS
    posts = len(graph.writes)
    return {
        "time_ratio": seconds / floor,
        "share_429": graph.throttled / graph.operations,
        "calls_per_success": (graph.operations / 2) / DEVICES,
        "posts_per_success": posts / DEVICES,
        "lock_p99_s": statistics.quantiles(broker.held, n=100)[98],
        "lock_max_s": max(broker.held),
        "deliveries": broker.deliveries / DEVICES,
        "http_requests": graph.http_requests,
        "storage_per_write": len(record.calls) / DEVICES,
        "attempts": broker.last_attempt,
    }


async def _neighbour(graph: GraphModel) -> None:
    while True:
        graph.neighbour_writes()
        await asyncio.sleep(1 / NEIGHBOUR_PER_SECOND)


def run(processes: int, *, neighbour: bool = False, seed: int = 0) -> dict[str, float]:
    """One run; the seed decides how long each call takes."""
    return virtual_time.run(_drain(processes, neighbour=neighbour, seed=seed))


def measure(seeds: int = 3) -> Mapping[str, float]:
    """The medians over seeds."""
    results: dict[str, float] = {}
    for name, processes, neighbour in CASES:
        runs = [run(processes, neighbour=neighbour, seed=seed) for seed in range(seeds)]
        for key in runs[0]:
            results[f"quota.{key}{name}"] = statistics.median(run[key] for run in runs)
    return results


if __name__ == "__main__":
    logging.disable()
    for key, value in measure().items():
        print(f"{key:40} {value:.3f}")
