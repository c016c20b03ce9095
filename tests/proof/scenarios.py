"""What is played: a tenant, and messages to it; with faults that are given by their labels. Each one ends well, whatever fails."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from shared.domain.device import AutopilotDevice
from shared.graph.exchanging import FEWEST
from tests import builders, virtual_time
from tests.proof.faults import Fault, planned
from tests.proof.invariants import Sent
from tests.proof.process import HONEST, PROTECTED, Plant
from tests.proof.world import World

_MESSAGE: Final = "message-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A beginning, and the outcome that it must come to. `most_posts` without any fault; each fault may cost one more.

    `refused`: nothing is touched, and the message dead-lettered.
    `pairs_at` begins the names of the calls at which two faults are tried.
    """

    devices: Sequence[AutopilotDevice]
    send: Callable[[World], None]
    outcome: str
    most_posts: int = 1
    processes: int = 1
    lag: timedelta = timedelta(0)
    page_size: int = 1000
    refused: bool = False
    pairs_at: tuple[str, ...] = ("",)


@dataclass(frozen=True, slots=True)
class Played:
    """What came of it: all calls in their order (see Injector), and what did not hold."""

    trail: Sequence[str]
    follows: Sequence[bool]
    fired: Sequence[Fault]
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
        page_size=scenario.page_size,
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
    return played(world)


def played(world: World) -> Played:
    """What came of it by now."""
    injector, broken = world.outside.injector, world.invariants.ledger.broken
    return Played(injector.trail, injector.follows, injector.fired, tuple(broken), world.now)


def _expect(scenario: Scenario, world: World, faults: int) -> None:
    ledger = world.invariants.ledger
    for device in scenario.devices:
        posts = [post for post in ledger.posts if post.device == device.autopilot_device_id and post.accepted_at]
        most = 0 if scenario.refused else scenario.most_posts + faults
        ledger.find(f"few POSTs: {len(posts)} on one device", len(posts) <= most)
        left = world.tenant.user_of(device.autopilot_device_id) == builders.LEAVER
        ledger.find("done: nobody's device names the leaver any more", not left)
    dead = next(world.bus.dead(), None) is not None
    ledger.find("no dead letter: waiting mends all but a refusal", dead == scenario.refused)


def offboard(world: World) -> None:
    """Somebody left."""
    _send(world, builders.OFFBOARDING, builders.offboarded_body(), "user.offboarded")


def offboard_later(world: World) -> None:
    """Somebody is leaving: the message is put off."""
    at = world.outside.clock.now() + timedelta(minutes=10)
    _send(world, builders.OFFBOARDING, builders.offboarded_body(effectiveAt=at.isoformat()), "user.offboarded")


def offboard_somebody_protected(world: World) -> None:
    """Somebody left whose devices are never touched."""
    body = builders.offboarded_body(user={"userPrincipalName": PROTECTED})
    _send(world, builders.OFFBOARDING, body, "user.offboarded")


def retire(world: World) -> None:
    """A device was retired, named by its serial number."""
    _send(world, builders.RETIREMENT, {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}}, "device.retired")


def _send(world: World, queue: str, body: dict[str, Any], event_type: str) -> None:
    world.bus.send(queue, _MESSAGE, builders.as_bytes(body))
    about = frozenset({builders.LEAVER})
    world.invariants.awaited.append(
        Sent(message_id=_MESSAGE, event_type=event_type, event_id=_MESSAGE, run=0, about=about)
    )


_OTHER: Final = builders.device("d9", builders.SUCCESSOR)
_ONE: Final = (builders.device("d1"), _OTHER)
_FIVE: Final = (*(builders.device(f"d{number}") for number in range(FEWEST)), _OTHER)
_BATCHED: Final = ("graph", "quota", "schedule", "journal.conclude", "publish", "settle")
"""All but what is done for each device by itself, and what comes before the batch."""
_NOT_SHARED: Final = ("graph", "journal", "schedule", "publish", "settle")
"""All but the token and the shared records, which are the same for everybody."""

SCENARIOS: Final[Mapping[str, Scenario]] = {
    "leaver": Scenario(devices=_ONE, send=offboard, outcome="unassigned"),
    "five-devices": Scenario(  # which go as one batch
        devices=_FIVE, send=offboard, outcome="unassigned", page_size=FEWEST, pairs_at=_BATCHED
    ),
    "slow-graph": Scenario(
        devices=_ONE,
        send=offboard,
        outcome="unassigned",
        processes=2,
        lag=timedelta(minutes=12),
        most_posts=2,
        pairs_at=_NOT_SHARED,
    ),
    "retired": Scenario(devices=_ONE, send=retire, outcome="unassigned", processes=2, pairs_at=_NOT_SHARED),
    "nobody-later": Scenario(devices=(_OTHER,), send=offboard_later, outcome="noDevices", processes=2),
    "refused": Scenario(
        devices=(builders.device("d1", PROTECTED),), send=offboard_somebody_protected, outcome="failed", refused=True
    ),
}
