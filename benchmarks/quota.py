"""How fast, and at what price, 1,000 devices are unassigned under an enforced quota of 100 writes in 20 s, in virtual time.

Prints and returns ratios: time over the floor of 5 writes a second, calls per success, share of 429s, locks held.
"""

import asyncio
import logging
import random
import statistics
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from benchmarks import model, naive, printing
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from benchmarks.naive_model import ModelledDevices
from benchmarks.targets import Figures
from emulators.graph.quota import INTUNE
from tests import builders, virtual_time
from tests.fakes_records import InMemoryRecord

DEVICES: Final = 1000
FLOOR_SECONDS: Final = DEVICES / 5
NEIGHBOUR_PER_SECOND: Final = 3.0
NAIVELY_AT_ONCE: Final = 16
"""What the Functions host takes at a time unless it is told otherwise."""
CASES: Final = (("", 1, False), ("_4_processes", 4, False), ("_10_processes", 10, False), ("_neighbour", 1, True))


async def _drain(processes: int, *, neighbour: bool, seed: int) -> tuple[dict[str, float], Sequence[float]]:
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
    }, graph.writes


async def _neighbour(graph: GraphModel) -> None:
    while True:
        graph.neighbour_writes()
        await asyncio.sleep(1 / NEIGHBOUR_PER_SECOND)


def run(processes: int, *, neighbour: bool = False, seed: int = 0) -> dict[str, float]:
    """One run; the seed decides how long each call takes."""
    return drain(processes, neighbour=neighbour, seed=seed)[0]


def drain(processes: int, *, neighbour: bool = False, seed: int = 0) -> tuple[dict[str, float], Sequence[float]]:
    """One run, and when each device was unassigned, in seconds from the start."""
    return virtual_time.run(_drain(processes, neighbour=neighbour, seed=seed))


def measure(seeds: int = 5) -> Figures:
    """The medians over seeds."""
    results: dict[str, float] = {}
    for name, processes, neighbour in CASES:
        runs = [run(processes, neighbour=neighbour, seed=seed) for seed in range(seeds)]
        for key in runs[0]:
            results[f"quota.{key}{name}"] = statistics.median(run[key] for run in runs)
    for name, at_once in (("naive_one_at_a_time", 1), ("naive_16_at_once", NAIVELY_AT_ONCE)):
        results |= {f"quota.{name}_{key}": value for key, value in naively(at_once=at_once)[0].items()}
    return results


async def _naively(seed: int, at_once: int) -> tuple[dict[str, float], Sequence[float]]:
    graph = GraphModel(DEVICES, INTUNE, random.Random(seed))
    devices = ModelledDevices(graph)
    ended = await naive.serve((partial(naive.retire, each, devices) for each in graph.ids), at_once=at_once)
    return {
        "completed": ended.completed,
        "dead_lettered": ended.dead_lettered,
        "calls_per_success": graph.operations / 2 / max(ended.completed, 1),
        "seconds": asyncio.get_running_loop().time(),
    }, graph.writes


def naively(seed: int = 0, *, at_once: int) -> tuple[dict[str, float], Sequence[float]]:
    """The baseline, and when each device was unassigned."""
    return virtual_time.run(_naively(seed, at_once))


def progress() -> Mapping[str, Sequence[float]]:
    """When each device was unassigned, by who did it; one run each."""
    return {
        "1 process": drain(1)[1],
        "10 processes": drain(10)[1],
        "beside a neighbour who takes 60 %": drain(1, neighbour=True)[1],
        "naive, one at a time": naively(at_once=1)[1],
        "naive, 16 at once": naively(at_once=NAIVELY_AT_ONCE)[1],
    }


if __name__ == "__main__":
    logging.disable()
    printing.show(measure())
