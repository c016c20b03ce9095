"""One process of the service, put together as bootstrap does, over what the proof puts in the places of HTTP, AMQP and storage."""

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import timedelta
from typing import Any, Final

from shared import assembly, ports
from shared.assembly import Machine, Messages, Tenant
from shared.blast_radius import BlastRadius
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
from tests.proof.users import Users

_MAX_WAIT: Final = timedelta(seconds=10)
_DIRECTORY_MAX_AGE: Final = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Plant:
    """A wrong way of working, to see it caught: another processor, another reader of devices, another way to Graph."""

    processor: Callable[[Processor], Processor] = lambda processor: processor
    devices: Callable[[Devices], ports.AutopilotDevices] = lambda devices: devices
    client: type[Client] = Client


HONEST: Final = Plant()


def same[T](part: Any, kind: type[T]) -> T:
    """Another kind of a part, with what the part has, for a plant."""
    return kind(**{each.name: getattr(part, each.name) for each in fields(part)})


def start(outside: Outside, life: Life, clock: ports.Clock, plant: Plant, chance: Callable[[], float]) -> Processor:
    """A process that has done nothing yet. `chance` draws from [0, 1)."""

    def record(name: str) -> Record:
        return Record(outside, life, name)

    permits = SharedPermits(record("quota"), clock=clock, max_wait=_MAX_WAIT, jitter=chance)
    live, dry = (
        BlastRadius(record(name), clock=clock, limit=outside.limits.devices_per_hour, jitter=chance)
        for name in ("radius", "radius-dry")
    )
    events_in_hand, devices_in_hand, posting = KeyedLocks(), KeyedLocks(), Posting(outside)
    adapter = GraphAutopilotDevices(
        plant.client(outside, life, posting, clock),  # type: ignore[arg-type]  # it stands for it
        clock=clock,
        directory_max_age=_DIRECTORY_MAX_AGE,
        pace=Pace(clock, permits),
        in_hand=lambda: max(len(events_in_hand), len(devices_in_hand)),
        last_size=LastSize(record("scan")),
    )
    users = Users(outside, life, outside.users) if outside.users else None
    devices, service_bus = plant.devices(Devices(outside, adapter, posting)), Watched(outside, life)
    processor = assembly.processor(
        Tenant(devices=devices, users=users, permits=permits, live=live, dry=dry, in_hand=devices_in_hand),
        Messages(settler=service_bus, publisher=service_bus, queues=builders.QUEUES, in_hand=events_in_hand),
        Journal(outside, life),
        Machine(clock=clock, jitter=chance, pseudonym=lambda _: "x"),
        replace(builders.RULES, guard=outside.limits.guard, allow_resource_account=True),
    )
    return plant.processor(processor)
