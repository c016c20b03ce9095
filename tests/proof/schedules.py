"""Random schedules: senders, operators, administrators and misfortune, drawn from one seed, which repeats it all.

Every schedule ends in calm weather, where everything must come to its end.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

from shared.domain.acts import Act, ActKind
from shared.domain.identifiers import EventId
from shared.messaging import incoming, replays
from tests import builders, virtual_time
from tests.proof import bus, scenarios
from tests.proof.faults import EVERY_KIND, Fault, Mode, Side
from tests.proof.invariants import Sent
from tests.proof.scenarios import Played
from tests.proof.weather import KINDS, Weather
from tests.proof.world import PROTECTED, Plant, World

_LEAVERS: Final = ("ann@contoso.com", "bob@contoso.com", PROTECTED)
_ACTIONS: Final = {
    "offboard": 5,
    "retire": 3,
    "duplicate": 2,
    "same event again": 2,
    "twice at once": 2,
    "garbage": 1,
    "kill": 3,
    "stall": 3,
    "weather": 3,
    "reassign": 2,
    "replay": 2,
    "long wait": 2,
}
_OVERRIDDEN: Final = 0.5
"""How many of the replays release the guards."""


def play(seed: int, plant: Plant = scenarios.HONEST) -> Played:
    """Play the schedule of that seed."""
    return virtual_time.run(_play(seed, plant))


async def _play(seed: int, plant: Plant) -> Played:
    chance = random.Random(seed)
    schedule = _Schedule(chance, chance.choice((0.0, 0.01, 0.03, 0.06)), chance.choice((0.0, 0.0, 0.1, 0.3)))
    devices = [
        builders.device(f"d{number}", chance.choice((*_LEAVERS, builders.SUCCESSOR, None))) for number in range(6)
    ]
    world = World(
        devices=devices,
        choose=schedule.fault,
        chance=chance,
        skews=[timedelta(seconds=chance.choice((0, 0, -100, 100))) for _ in range(chance.randint(1, 3))],
        lag=timedelta(seconds=chance.choice((0, 0, 30, 400, 800))),
        plant=plant,
        weather=schedule.weather.error,
        latency=schedule.latency,
    )
    for _ in range(chance.randint(8, 25)):
        name = chance.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
        schedule.send(name, world)
        await schedule.befall(name, world)
        await world.run_for(chance.expovariate(1 / 40))
    schedule.calm = True
    await world.until_quiet()
    if not world.invariants.ledger.broken:
        _nobody_is_left(world)
    return Played(world.outside.injector.trail, tuple(world.invariants.ledger.broken), world.now)


def _nobody_is_left(world: World) -> None:
    """Whom an event verified as offboarded, no record names."""
    for sent in world.invariants.awaited:
        ends = world.invariants.ends.get((sent.event_type, sent.event_id, sent.run), {})
        if sent.event_type == "user.offboarded" and "verified" in ends:
            left = [device for device in world.tenant.records if world.tenant.user_of(device) in sent.about]
            world.invariants.ledger.find(f"done: {sent.event_id} is verified, and {left} still name them", not left)


def _override(sent: Sent, run: int, act_id: str, world: World) -> Act:
    return Act(
        event_id=EventId(f"{sent.event_type}:{sent.event_id}"),
        kind=ActKind.OVERRIDE,
        act_id=act_id,
        run=run,
        operator="Grace",
        reason="asked",
        at=world.outside.clock.now(),
    )


@dataclass(slots=True)
class _Schedule:
    """What has been done so far. `rate` is how many of the calls go wrong, `slowness` how many take long.

    `calm`: nothing goes wrong any more."""

    chance: random.Random
    rate: float
    slowness: float
    weather: Weather = field(default_factory=Weather)
    calm: bool = False
    stalls: int = 0
    number: int = 0
    bodies: list[tuple[str, Sent, bytes]] = field(default_factory=list)

    def fault(self, call: int, _: str) -> Fault | None:
        """The fault of a call, drawn."""
        if self.calm:
            return None
        if self.stalls:
            self.stalls -= 1
            return Fault(call, self.chance.choice(tuple(Side)), Mode.HOLD)
        if self.chance.random() >= self.rate:
            return None
        side, mode = self.chance.choice(EVERY_KIND)
        return Fault(call, side, mode)

    def latency(self) -> float:
        """How long half a call takes (seconds)."""
        slow = self.chance.random() < self.slowness
        return self.chance.uniform(1, 9) if slow else self.chance.uniform(0.005, 0.05)

    def send(self, name: str, world: World) -> None:
        """Let a sender send something."""
        match name:
            case "offboard":
                self._offboard(world)
            case "retire":
                self._retire(world)
            case "garbage":
                message_id = self._next("garbage")
                sent = Sent(message_id, "user.offboarded", message_id, 0, frozenset())
                self._send(world, builders.OFFBOARDING, sent, b'{"user": 1}', again=False)
            case "duplicate" if self.bodies:
                queue, sent, body = self.chance.choice(self.bodies)
                world.bus.send(queue, sent.message_id, body)
            case "same event again" if self.bodies:
                self._again(world, *self.chance.choice(self.bodies))
            case "twice at once":
                self._offboard(world)
                self._again(world, *self.bodies[-1])

    async def befall(self, name: str, world: World) -> None:
        """Let something else happen."""
        match name:
            case "kill":
                world.kill(self.chance.randrange(len(world.skews)))
            case "stall":
                self.stalls += 1
            case "weather":
                self.weather.turn(self.chance.choice(KINDS), self.chance.uniform(5, 900))
            case "reassign":
                world.tenant.assign(self.chance.choice(list(world.tenant.records)), builders.SUCCESSOR)
            case "replay":
                await self._replay(world)
            case "long wait":
                await world.run_for(self.chance.uniform(60, 5_000))

    def _offboard(self, world: World) -> None:
        user = self.chance.choice(_LEAVERS)
        event = self._next("left")
        body = {"eventId": event, "user": {"userPrincipalName": user}}
        sent = Sent(self._next("message"), "user.offboarded", event, 0, frozenset({user}))
        self._send(world, builders.OFFBOARDING, sent, builders.as_bytes(body))

    def _retire(self, world: World) -> None:
        device, user = self.chance.choice(list(world.tenant.records)), self.chance.choice(_LEAVERS[:2])
        event = self._next("retired")
        key = self.chance.choice(
            ({"autopilotDeviceId": device}, {"serialNumber": f"{builders.SERIAL_NUMBER}-{device}"})
        )
        body: dict[str, Any] = {"eventId": event, "device": key, "assignedUserPrincipalName": user}
        sent = Sent(self._next("message"), "device.retired", event, 0, frozenset({user}))
        self._send(world, builders.RETIREMENT, sent, builders.as_bytes(body))

    async def _replay(self, world: World) -> None:
        """An operator replays one dead letter, half of the time with an override."""
        dead = [(queue, letter) for queue, letter in world.bus.dead() if queue != builders.VERIFICATION]
        if not dead:
            return
        queue, letter = self.chance.choice(dead)
        message = incoming.read(bus.trigger(letter), queue=queue, now=world.outside.clock.now())
        run, _ = next(replays.ids(message))
        sent = next(each for each in world.invariants.awaited if each.message_id == message.original_message_id)
        override = self._next("override") if self.chance.random() < _OVERRIDDEN else None
        if override is not None:
            await world.outside.journal.note(_override(sent, run, override, world))
        replay = replays.of(message, run=run, override=override)
        again = replace(sent, message_id=replay.message_id, run=run)
        world.bus.send(queue, replay.message_id, replay.body, dict(replay.application_properties))
        if again not in world.invariants.awaited:
            world.invariants.awaited.append(again)

    def _again(self, world: World, queue: str, sent: Sent, body: bytes) -> None:
        self._send(world, queue, replace(sent, message_id=self._next("again")), body)

    def _send(self, world: World, queue: str, sent: Sent, body: bytes, *, again: bool = True) -> None:
        world.bus.send(queue, sent.message_id, body)
        world.invariants.awaited.append(sent)
        if again:
            self.bodies.append((queue, sent, body))

    def _next(self, name: str) -> str:
        self.number += 1
        return f"{name}-{self.number}"
