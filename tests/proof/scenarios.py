"""What is played: a tenant, and messages to it; with faults that are given by their labels. Each one ends well, whatever fails."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from shared.domain.device import AutopilotDevice
from tests import builders, virtual_time
from tests.proof.faults import Fault, planned
from tests.proof.invariants import Sent
from tests.proof.world import Plant, World

HONEST: Final = Plant()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A beginning, and the outcome that it must come to. `most_posts` without any fault; each fault may cost one more."""

    devices: Sequence[AutopilotDevice]
    send: Callable[[World], None]
    outcome: str
    most_posts: int = 1
    processes: int = 1
    lag: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: all calls in their order, and what did not hold."""

    trail: Sequence[str]
    broken: Sequence[str]
    seconds: float


def play(name: str, faults: Sequence[Fault] = (), plant: Plant = HONEST) -> Played:
    """Play one scenario with these faults."""
    return virtual_time.run(_play(SCENARIOS[name], faults, plant))


async def _play(scenario: Scenario, faults: Sequence[Fault], plant: Plant) -> Played:
    world = World(
        devices=scenario.devices,
        choose=planned(*faults),
        chance=random.Random(7),
        skews=(timedelta(0),) * scenario.processes,
        lag=scenario.lag,
        plant=plant,
    )
    scenario.send(world)
    await world.until_quiet()
    ledger, ends = world.invariants.ledger, world.invariants.ends
    if not ledger.broken:
        _expect(scenario, world, len(faults))
        for end in ends.values():
            outcome = end["completed"]["outcome"] if "completed" in end else "failed"
            ledger.find(f"outcome: {outcome} instead of {scenario.outcome}", outcome == scenario.outcome)
    return Played(world.outside.injector.trail, tuple(ledger.broken), world.now)


def _expect(scenario: Scenario, world: World, faults: int) -> None:
    ledger = world.invariants.ledger
    for device in scenario.devices:
        posts = [post for post in ledger.posts if post.device == device.autopilot_device_id and post.accepted_at]
        ledger.find(f"few POSTs: {len(posts)} on one device", len(posts) <= scenario.most_posts + faults)
        left = world.tenant.user_of(device.autopilot_device_id) == builders.LEAVER
        ledger.find("done: nobody's device names the leaver any more", not left)
    ledger.find("no dead letter: waiting mends all of this", next(world.bus.dead(), None) is None)


def offboard(world: World) -> None:
    """Somebody left."""
    world.bus.send(builders.OFFBOARDING, "message-1", builders.as_bytes(builders.offboarded_body()))
    world.invariants.awaited.append(_sent("user.offboarded"))


def retire(world: World) -> None:
    """A device was retired, named by its serial number."""
    body = {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}}
    world.bus.send(builders.RETIREMENT, "message-1", builders.as_bytes(body))
    world.invariants.awaited.append(_sent("device.retired"))


def _sent(event_type: str) -> Sent:
    about = frozenset({builders.LEAVER})
    return Sent(message_id="message-1", event_type=event_type, event_id="message-1", run=0, about=about)


_ONE: Final = (builders.device("d1"), builders.device("d9", builders.SUCCESSOR))
_TWO: Final = (builders.device("d1"), builders.device("d2"), builders.device("d9", builders.SUCCESSOR))
_SLOW: Final = timedelta(minutes=12)

SCENARIOS: Final[Mapping[str, Scenario]] = {
    "leaver": Scenario(devices=_ONE, send=offboard, outcome="unassigned"),
    "leaver-two-processes": Scenario(devices=_ONE, send=offboard, outcome="unassigned", processes=2),
    "two-devices-slow-graph": Scenario(
        devices=_TWO, send=offboard, outcome="unassigned", processes=2, lag=_SLOW, most_posts=2
    ),
    "retired": Scenario(devices=_ONE, send=retire, outcome="unassigned", processes=2),
    "nobody": Scenario(devices=_TWO[2:], send=offboard, outcome="noDevices", processes=2),
}
