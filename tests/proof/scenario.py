"""How a scenario is played, with faults that are given by their labels, and what it must come to, whatever fails."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared import ports
from shared.domain.device import AutopilotDevice
from tests import builders
from tests.proof import guards, played
from tests.proof.faults import Fault, planned
from tests.proof.played import Played
from tests.proof.process import HONEST, Plant
from tests.proof.world import World


def nothing(_: World) -> None:
    """Nobody does anything but the service."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """A beginning, and the outcome that it must come to. `most_posts` without any fault; each fault may cost one more.

    `happens` is what others do meanwhile. `reason`: the message is dead-lettered for it. `untouched` are the devices that keep
    their user; of them `refuses` has those on which Graph refuses the POST, with its status. `pairs_at` begins the names of the
    calls at which two faults are tried.
    """

    devices: Sequence[AutopilotDevice]
    send: Callable[[World], None]
    happens: Callable[[World], None] = nothing
    outcome: str
    most_posts: int = 1
    processes: int = 1
    users: Sequence[ports.User] = ()
    lag: timedelta = timedelta(0)
    page_size: int = 1000
    reason: str | None = None
    untouched: frozenset[str] = frozenset()
    leaver: str = builders.LEAVER
    limits: guards.Limits = guards.WIDE
    refuses: Mapping[str, int] = field(default_factory=dict)
    pairs_at: tuple[str, ...] = ("",)


def begin(scenario: Scenario, faults: Sequence[Fault] = (), plant: Plant = HONEST) -> World:
    """Its beginning; to be called while the loop runs."""
    return World(
        devices=scenario.devices,
        choose=planned(*faults),
        chance=random.Random(7),
        skews=(timedelta(0),) * scenario.processes,
        lag=scenario.lag,
        page_size=scenario.page_size,
        refuses=scenario.refuses,
        users=scenario.users,
        limits=scenario.limits,
        plant=plant,
    )


def play(scenario: Scenario, faults: Sequence[Fault] = (), plant: Plant = HONEST) -> Played:
    """Play it with these faults."""

    async def go_on(world: World) -> None:
        scenario.send(world)
        scenario.happens(world)
        await world.until_quiet()
        if not world.invariants.ledger.broken:
            _expect(scenario, world, len(faults))

    return played.play(lambda: begin(scenario, faults, plant), go_on)


def _expect(scenario: Scenario, world: World, faults: int) -> None:
    ledger, ends = world.invariants.ledger, world.invariants.ends.of.values()
    lines = [line for end in ends if "failed" in end for line in end["failed"].data["devices"]]
    failed = {line["autopilotDeviceId"] for line in lines if line["outcome"] == "failed"}  # an operator must act first
    for name in world.tenant.devices:
        posts = [post for post in ledger.posts if post.device == name and post.accepted_at]
        most = 0 if name in scenario.untouched else scenario.most_posts + faults
        ledger.find(f"few POSTs: {len(posts)} on {name}", len(posts) <= most)
        ledger.find(f"done: {name} names whom it should", _right(scenario, world, name, failed))
    for end in ends:
        outcome = end["completed"].data["outcome"] if "completed" in end else "failed"
        ledger.find(f"outcome: {outcome} instead of {scenario.outcome}", outcome == scenario.outcome)
    dead = {message.dead_letter_reason for _, message in world.bus.dead()}
    ledger.find(f"no dead letter: {dead} instead of {scenario.reason}", dead == ({scenario.reason} - {None}))


def _right(scenario: Scenario, world: World, name: str, failed: set[str]) -> bool:
    """What is untouched, somebody else's, or given back by an undo keeps its user; the rest names the leaver no more."""
    user, at_first = world.tenant.user_of(name), world.tenant.at_first[name]
    if name in scenario.untouched or at_first != scenario.leaver or world.tenant.restored[name]:
        return user == at_first
    return user != scenario.leaver or name in failed
