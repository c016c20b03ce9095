"""What is played: a tenant, and messages to it; with faults that are given by their labels. Each one ends well, whatever fails."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from shared.domain.device import AutopilotDevice
from shared.graph.exchanging import FEWEST
from tests import builders
from tests.proof import played
from tests.proof.faults import Fault, planned
from tests.proof.played import Played
from tests.proof.process import HONEST, PROTECTED, Plant
from tests.proof.sent import Sent
from tests.proof.world import World

_MESSAGE: Final = "message-1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A beginning, and the outcome that it must come to. `most_posts` without any fault; each fault may cost one more.

    `reason`: the message is dead-lettered for it. `untouched` are the devices that keep their user; of them `refuses` has those
    on which Graph refuses the POST, with its status.
    `pairs_at` begins the names of the calls at which two faults are tried.
    """

    devices: Sequence[AutopilotDevice]
    send: Callable[[World], None]
    outcome: str
    most_posts: int = 1
    processes: int = 1
    lag: timedelta = timedelta(0)
    page_size: int = 1000
    reason: str | None = None
    untouched: frozenset[str] = frozenset()
    refuses: Mapping[str, int] = field(default_factory=dict)
    pairs_at: tuple[str, ...] = ("",)


def play(name: str, faults: Sequence[Fault] = (), plant: Plant = HONEST) -> Played:
    """Play one scenario with these faults."""
    scenario = SCENARIOS[name]

    def begin() -> World:
        return World(
            devices=scenario.devices,
            choose=planned(*faults),
            chance=random.Random(7),
            skews=(timedelta(0),) * scenario.processes,
            lag=scenario.lag,
            page_size=scenario.page_size,
            refuses=scenario.refuses,
            plant=plant,
        )

    async def go_on(world: World) -> None:
        scenario.send(world)
        await world.until_quiet()
        if not world.invariants.ledger.broken:
            _expect(scenario, world, len(faults))

    return played.play(begin, go_on)


def _expect(scenario: Scenario, world: World, faults: int) -> None:
    ledger, ends = world.invariants.ledger, world.invariants.ends.of.values()
    lines = [line for end in ends if "failed" in end for line in end["failed"].data["devices"]]
    failed = {
        line["autopilotDeviceId"] for line in lines if line["outcome"] == "failed"
    }  # where an operator must act first
    for device in scenario.devices:
        name = device.autopilot_device_id
        posts = [post for post in ledger.posts if post.device == name and post.accepted_at]
        most = 0 if name in scenario.untouched else scenario.most_posts + faults
        ledger.find(f"few POSTs: {len(posts)} on one device", len(posts) <= most)
        left = world.tenant.user_of(name) == builders.LEAVER
        may_be = name in scenario.untouched or name in failed
        ledger.find(
            f"done: {name} names the leaver, or no more", left <= may_be and (left or name not in scenario.untouched)
        )
    dead = {message.dead_letter_reason for _, message in world.bus.dead()}
    for end in ends:
        outcome = end["completed"].data["outcome"] if "completed" in end else "failed"
        ledger.find(f"outcome: {outcome} instead of {scenario.outcome}", outcome == scenario.outcome)
    ledger.find(f"no dead letter: {dead} instead of {scenario.reason}", dead == ({scenario.reason} - {None}))


def offboard(world: World) -> None:
    """Somebody left."""
    _send(world, builders.OFFBOARDING, builders.offboarded_body(), "user.offboarded")


def offboard_later(world: World) -> None:
    """Somebody is leaving: the message is put off."""
    at = world.outside.clock.now() + timedelta(minutes=10)
    body = builders.offboarded_body(effectiveAt=at.isoformat())
    _send(world, builders.OFFBOARDING, body, "user.offboarded", effective_at=at)


def offboard_somebody_protected(world: World) -> None:
    """Somebody left whose devices are never touched."""
    body = builders.offboarded_body(user={"userPrincipalName": PROTECTED})
    _send(world, builders.OFFBOARDING, body, "user.offboarded", reasons=frozenset({"ProtectedUser"}))


def retire(world: World) -> None:
    """A device was retired, named by its serial number."""
    body = {"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}}
    _send(world, builders.RETIREMENT, body, "device.retired", devices=frozenset({"d1"}))


def _send(world: World, queue: str, body: dict[str, Any], event_type: str, **more: Any) -> None:
    world.bus.send(queue, _MESSAGE, builders.as_bytes(body))
    about = frozenset({builders.LEAVER})
    world.invariants.awaited.append(Sent(_MESSAGE, event_type, _MESSAGE, 0, about, **more))


_OTHER: Final = builders.device("d9", builders.SUCCESSOR)
_ONE: Final = (builders.device("d1"), _OTHER)
_TWO: Final = (builders.device("d1"), builders.device("d2"))
_FIVE: Final = (*(builders.device(f"d{number}") for number in range(FEWEST)), _OTHER)
_BATCHED: Final = ("graph", "quota", "schedule", "journal.conclude", "publish", "settle")
"""All but what is done for each device by itself, and what comes before the batch."""
_NOT_SHARED: Final = ("graph", "journal", "schedule", "publish", "settle")
"""All but the token and the shared records, which are the same for everybody."""
_REFUSED: Final = ("graph.get", "graph.unassign", "journal.append", "schedule", "journal.conclude", "publish", "settle")
"""From the first POST on: how it comes to that is the same as without a refusal."""

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
        devices=(builders.device("d1", PROTECTED),),
        send=offboard_somebody_protected,
        outcome="failed",
        reason="ProtectedUser",
    ),
    "one-rejected": Scenario(
        devices=_TWO,
        send=offboard,
        outcome="failed",
        reason="GraphRequestRejected",
        untouched=frozenset({"d2"}),
        refuses={"d2": 400},
        pairs_at=_REFUSED,
    ),
    "one-forbidden": Scenario(
        devices=_TWO,
        send=offboard,
        outcome="failed",
        reason="GraphPermissionDenied",
        untouched=frozenset({"d2"}),
        refuses={"d2": 403},
        pairs_at=_REFUSED[1:],
    ),
}
