"""Random schedules: senders, operators, administrators and misfortune, drawn from one seed, which repeats it all.

Every schedule ends in calm weather, where everything must come to its end.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests import builders, virtual_time
from tests.proof import scenarios
from tests.proof.faults import Fault, Mode, Side, kinds
from tests.proof.people import LEAVERS, People
from tests.proof.process import HONEST, Plant
from tests.proof.scenarios import Played
from tests.proof.weather import KINDS, Weather
from tests.proof.world import World

_ACTIONS: Final = {
    "offboard": 5,
    "retire": 3,
    "duplicate": 2,
    "same event again": 2,
    "twice at once": 2,
    "many at once": 1,
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


def play(seed: int, plant: Plant = HONEST) -> Played:
    """Play the schedule of that seed."""
    return virtual_time.run(_play(seed, plant))


async def _play(seed: int, plant: Plant) -> Played:
    chance = random.Random(seed)
    luck = _Luck(chance, chance.choice((0.0, 0.01, 0.03, 0.06)), chance.choice((0.0, 0.0, 0.1, 0.3)))
    devices = [
        builders.device(f"d{number}", chance.choice((*LEAVERS, builders.SUCCESSOR, None))) for number in range(6)
    ]
    world = World(
        devices=devices,
        choose=luck.fault,
        chance=chance,
        skews=[timedelta(seconds=chance.choice((0, 0, -100, 100))) for _ in range(chance.randint(1, 3))],
        lag=timedelta(seconds=chance.choice((0, 0, 30, 400, 800))),
        page_size=chance.choice((2, 1000)),
        plant=plant,
        weather=luck.weather.meets,
        latency=luck.latency,
    )
    schedule = _Schedule(chance, luck, world)
    for _ in range(chance.randint(5, 15)):
        name = chance.choices(list(_ACTIONS), list(_ACTIONS.values()))[0]
        schedule.send(name)
        await schedule.befall(name)
        await world.run_for(chance.expovariate(1 / 40))
    luck.calm = True
    await world.until_quiet()
    return scenarios.played(world)


@dataclass(slots=True)
class _Luck:
    """What goes wrong. `rate` is how many of the calls do, `slowness` how many take long. `calm`: none any more."""

    chance: random.Random
    rate: float
    slowness: float
    weather: Weather = field(default_factory=Weather)
    calm: bool = False
    stalls: int = 0

    def fault(self, call: int, name: str) -> Fault | None:
        """The fault of a call, drawn."""
        if self.calm:
            return None
        if self.stalls:
            self.stalls -= 1
            return Fault(call, self.chance.choice(tuple(Side)), Mode.HOLD)
        if self.chance.random() >= self.rate:
            return None
        side, mode = self.chance.choice(kinds(name))
        return Fault(call, side, mode)

    def latency(self, _: Side) -> float:
        """How long half a call takes (seconds)."""
        slow = self.chance.random() < self.slowness
        return self.chance.uniform(1, 9) if slow else self.chance.uniform(0.005, 0.05)


class _Schedule:
    """Draws who does what."""

    def __init__(self, chance: random.Random, luck: _Luck, world: World) -> None:
        self._chance = chance
        self._luck = luck
        self._world = world
        self._people = People(world)

    def send(self, name: str) -> None:
        """Let a sender send something."""
        chance, people = self._chance, self._people
        match name:
            case "offboard":
                people.offboard(chance.choice(LEAVERS))
            case "retire":
                self._retire(chance.choice(self._world.tenant.devices))
            case "garbage":
                people.send_garbage()
            case "duplicate" if people.letters:
                people.send_twice(chance.choice(people.letters))
            case "same event again" if people.letters:
                people.send_anew(chance.choice(people.letters))
            case "twice at once":
                people.offboard(chance.choice(LEAVERS))
                people.send_anew(people.letters[-1])
            case "many at once":
                for device in self._world.tenant.devices:
                    self._retire(device)

    async def befall(self, name: str) -> None:
        """Let something else happen."""
        chance, world = self._chance, self._world
        match name:
            case "kill":
                world.kill(chance.randrange(len(world.skews)))
            case "stall":
                self._luck.stalls += 1
            case "weather":
                self._luck.weather.turn(chance.choice(KINDS), chance.uniform(5, 900))
            case "reassign":
                world.tenant.assign(chance.choice(world.tenant.devices), builders.SUCCESSOR)
            case "replay" if dead := self._people.dead_letters():
                self._people.replay(chance.randrange(dead), override=chance.random() < _OVERRIDDEN)
            case "long wait":
                await world.run_for(chance.uniform(60, 5_000))

    def _retire(self, device: str) -> None:
        by_serial_number = self._chance.random() < 0.5
        self._people.retire(device, self._chance.choice(LEAVERS[:2]), by_serial_number=by_serial_number)
