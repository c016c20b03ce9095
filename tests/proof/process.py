"""One process of the service, put together as bootstrap does, over what the proof puts in the places of HTTP, AMQP and storage."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from shared import assembly, ports
from shared.assembly import Machine, Messages, Tenant
from shared.blast_radius import BlastRadius
from shared.domain.guard import Guard
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.graph.scan_size import LastSize
from shared.keyed_locks import KeyedLocks
from shared.processor import Processor
from tests import builders
from tests.proof.graph import Client, Devices, Posting
from tests.proof.injector import Life
from tests.proof.links import Watched
from tests.proof.outside import Journal, Outside, Record

PROTECTED: Final = "chief@contoso.com"
_RULES: Final = replace(builders.RULES, guard=Guard(max_devices_per_user=10, protected_users=(PROTECTED,)))
_MAX_WAIT: Final = timedelta(seconds=10)
_DIRECTORY_MAX_AGE: Final = timedelta(seconds=60)
_PER_HOUR: Final = 1_000


@dataclass(frozen=True, slots=True)
class Plant:
    """A wrong way of working, to see it caught: another processor, another reader of devices, another way to Graph."""

    processor: Callable[[Processor], Processor] = lambda processor: processor
    devices: Callable[[Devices], ports.AutopilotDevices] = lambda devices: devices
    client: type[Client] = Client


HONEST: Final = Plant()


def start(outside: Outside, life: Life, clock: ports.Clock, plant: Plant, chance: Callable[[], float]) -> Processor:
    """A process that has done nothing yet. `chance` draws from [0, 1)."""

    def record(name: str) -> Record:
        return Record(outside, life, name)

    permits = SharedPermits(record("quota"), clock=clock, max_wait=_MAX_WAIT, jitter=chance)
    radius = BlastRadius(record("radius"), clock=clock, limit=_PER_HOUR, jitter=chance)
    events_in_hand, devices_in_hand, posting = KeyedLocks(), KeyedLocks(), Posting(outside)
    adapter = GraphAutopilotDevices(
        plant.client(outside, life, posting, clock),  # type: ignore[arg-type]  # it stands for it
        clock=clock,
        directory_max_age=_DIRECTORY_MAX_AGE,
        pace=Pace(clock, permits),
        in_hand=lambda: max(len(events_in_hand), len(devices_in_hand)),
        last_size=LastSize(record("scan")),
    )
    devices, service_bus = plant.devices(Devices(outside, adapter, posting)), Watched(outside, life)
    processor = assembly.processor(
        Tenant(devices=devices, users=None, permits=permits, live=radius, dry=radius, in_hand=devices_in_hand),
        Messages(settler=service_bus, publisher=service_bus, queues=builders.QUEUES, in_hand=events_in_hand),
        Journal(outside, life),
        Machine(clock=clock, jitter=chance, pseudonym=lambda _: "x"),
        _RULES,
    )
    return plant.processor(processor)
