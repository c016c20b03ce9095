"""How many HTTP requests 500 offboardings with 600 devices take in a tenant of 20,000: ours and naively.

Ours is measured with the real parts (emulated services on sockets, the real host), and once more in virtual time. The naive
code would take hours: it is measured through the real library at a fiftieth of the size, with as many pages for a list
and as many devices for a leaver, and counted in full against the model of Graph.
"""

import asyncio
import logging
import random
from functools import partial
from typing import Final

from benchmarks import model, naive, printing, whole
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from benchmarks.naive_model import ModelledDevices
from benchmarks.targets import Figures
from benchmarks.tenants import DEVICES, LEAVERS, TENANT, devices, leaver
from emulators.graph.emulator import GraphEmulator
from emulators.graph.quota import INTUNE
from emulators.graph.tenant import Tenant
from tests import builders, virtual_time
from tests.fakes_records import InMemoryRecord

PAGES: Final = 20
SCALE: Final = 50
"""The naive code is measured with a fiftieth of the leavers, devices and devices on a page."""


def _model(seed: int) -> GraphModel:
    owner = {number: leaver(number % LEAVERS) for number in range(DEVICES)}
    return GraphModel(TENANT, INTUNE, random.Random(seed), lambda number: owner.get(number, f"stays{number}@c.example"))


async def _ours_in_the_model(seed: int, processes: int) -> dict[str, float]:
    graph = _model(seed)
    broker, record, journal = Broker(offboarding=True), InMemoryRecord(seconds=0.01), model.SlowJournal()
    for number in range(LEAVERS):
        body = {"user": {"userPrincipalName": leaver(number)}, "eventId": f"e{number}"}
        broker.send(builders.Trigger(body=body, message_id=f"e{number}", enqueued_time_utc=graph.clock.now()))
    running = [model.process(graph, broker, record, journal) for _ in range(processes)]
    seconds = await model.run_until_ended(running, broker, LEAVERS)
    assert set(broker.ended.values()) == {"unassigned"}, set(broker.ended.values())
    assert len(graph.writes) == DEVICES
    return {
        "calls.modelled_http_requests": graph.http_requests,
        "calls.modelled_operations": graph.operations,
        "calls.modelled_throttled": graph.throttled,
        "calls.modelled_seconds": seconds,
        "calls.deliveries_per_message": broker.deliveries / LEAVERS,
    }


async def _naively_in_the_model() -> dict[str, float]:
    graph = _model(0)
    graph_devices = ModelledDevices(graph)
    ended = await naive.serve(partial(naive.offboard, leaver(number), graph_devices) for number in range(LEAVERS))
    assert ended.completed == LEAVERS, ended
    assert len(graph.writes) == DEVICES
    return {
        "calls.naive_http_requests": graph.http_requests,
        "calls.naive_operations": graph.operations,
        "calls.naive_modelled_seconds": asyncio.get_running_loop().time(),
    }


def modelled(processes: int = 1) -> Figures:
    """One run of ours in virtual time; the model's chance decides only how long each call takes."""
    return virtual_time.run(_ours_in_the_model(0, processes))


async def _naively_measured() -> Figures:
    from benchmarks import naive_sdk  # noqa: PLC0415 - half a second, and no test needs it

    leavers, theirs, all_devices = LEAVERS // SCALE, DEVICES // SCALE, TENANT // SCALE
    tenant = Tenant(devices(all_devices, leavers=leavers, theirs=theirs))
    with GraphEmulator(tenant, token=naive_sdk.TOKEN, page_size=all_devices // PAGES, strict=True) as graph:
        graph_devices = naive_sdk.SdkDevices(graph.endpoint)
        ended = await naive.serve(partial(naive.offboard, leaver(number), graph_devices) for number in range(leavers))
        assert ended.completed == leavers, ended
        assert sum(not device.user_principal_name for device in graph.tenant.devices.values()) == theirs
        return {"calls.naive_http_requests_at_a_fiftieth": len(graph.calls)}


def measure() -> Figures:
    """Everything."""
    naively = virtual_time.run(_naively_in_the_model())
    at_a_fiftieth = asyncio.run(_naively_measured())
    assert at_a_fiftieth["calls.naive_http_requests_at_a_fiftieth"] * SCALE == naively["calls.naive_http_requests"]
    return {**modelled(), **naively, **at_a_fiftieth, **whole.figures("calls.")}


if __name__ == "__main__":
    logging.disable()
    printing.show(measure())
