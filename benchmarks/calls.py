"""How many HTTP requests to Graph 500 offboardings with 600 devices take in a tenant of 20,000, in virtual time."""

import logging
import random
from collections.abc import Mapping

from benchmarks import graph_model, model
from benchmarks.broker_model import Broker
from benchmarks.graph_model import GraphModel
from emulators.graph.quota import INTUNE
from tests import builders, virtual_time
from tests.fakes_records import InMemoryRecord

TENANT = 20_000
LEAVERS = 500
DEVICES = 600


def _user(device: int) -> str:
    return graph_model.user_of(device % LEAVERS) if device < DEVICES else f"stays{device}@contoso.example"


async def _offboard(seed: int, processes: int) -> Mapping[str, float]:
    graph = GraphModel(TENANT, INTUNE, random.Random(seed), _user)
    broker, record, journal = Broker(offboarding=True), InMemoryRecord(seconds=0.01), model.SlowJournal()
    for number in range(LEAVERS):
        body = {"user": {"userPrincipalName": graph_model.user_of(number)}, "eventId": f"e{number}"}
        broker.send(builders.Trigger(body=body, message_id=f"e{number}", enqueued_time_utc=graph.clock.now()))
    running = [model.process(graph, broker, record, journal) for _ in range(processes)]
    seconds = await model.run_until_ended(running, broker, LEAVERS)
    assert set(broker.ended.values()) == {"unassigned"}, set(broker.ended.values())
    assert len(graph.writes) == DEVICES
    return {
        "calls.http_requests": graph.http_requests,
        "calls.operations": graph.operations,
        "calls.throttled": graph.throttled,
        "calls.seconds": seconds,
        "calls.deliveries_per_message": broker.deliveries / LEAVERS,
    }


def measure(processes: int = 1) -> Mapping[str, float]:
    """One run; the model's chance decides only how long each call takes."""
    return virtual_time.run(_offboard(0, processes))


if __name__ == "__main__":
    logging.disable()
    for key, value in measure().items():
        print(f"{key:40} {value:.3f}")
