"""Random schedules: senders, operators, administrators and misfortune, drawn from one seed, which repeats it all.

Every schedule ends in calm weather, where everything must come to its end.
"""

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from tests import builders
from tests.proof import played
from tests.proof.dead_letters import REFUSALS
from tests.proof.faults import Fault, Mode, Side, kinds
from tests.proof.guards import KIOSK, NARROW, WIDE
from tests.proof.people import LEAVERS, People
from tests.proof.played import Played
from tests.proof.process import HONEST, Plant
from tests.proof.weather import KINDS, Weather
from tests.proof.world import World

_ACTIONS: Final = {
    "offboard": 5,
    "leaves later": 1,
    "retire": 3,
    "duplicate": 2,
    "same event again": 2,
    "forged": 4,
    "twice at once": 2,
    "many at once": 1,
    "garbage": 1,
    "kill": 3,
    "stall": 3,
    "weather": 3,
    "reassign": 2,
    "replay": 4,
    "undo": 2,
    "long wait": 2,
}
_BEGINNINGS: Final = ("offboard", "retire", "twice at once")
_DRY: Final = 0.1
"""How many of the messages ask for a dry run."""
_OVERRIDDEN: Final = 0.5
"""How many of the replays release the guards."""


def play(seed: int, plant: Plant = HONEST) -> Played:
    """Play the schedule of that seed."""
    chance = random.Random(seed)
    luck = _Luck(chance, chance.choice((0.0, 0.01, 0.03, 0.06)), chance.choice((0.0, 0.0, 0.1, 0.3)))

    def begin() -> World:
        users = [chance.choice((*LEAVERS, *LEAVERS[:2], builders.SUCCESSOR, None)) for _ in range(6)]
        kiosks = chance.sample(range(6), chance.choice((0, 0, 0, 1)))
        devices = [
            builders.device(f"d{number}", user, group_tag=KIOSK if number in kiosks else None)
            for number, user in enumerate(users)
        ]
        refusing = chance.sample(range(6), chance.choice((0, 0, 0, 1, 2)))
        return World(
            devices=devices,
            choose=luck.fault,
            chance=chance,
            skews=[timedelta(seconds=chance.choice((0, 0, -100, 100))) for _ in range(chance.randint(1, 3))],
            lag=timedelta(seconds=chance.choice((0, 0, 30, 400, 800))),
            page_size=chance.choice((2, 1000)),
            refuses={f"d{number}": chance.choice(tuple(REFUSALS)) for number in refusing},
            limits=chance.choice((WIDE, WIDE, NARROW)),
            plant=plant,
            weather=luck.weather.meets,
            latency=luck.latency,
        )

    async def go_on(world: World) -> None:
        schedule = _Schedule(chance, luck, world)
        others = chance.choices(list(_ACTIONS), list(_ACTIONS.values()), k=chance.randint(2, 6))
        for name in (chance.choice(_BEGINNINGS), *others):
            schedule.send(name)
            schedule.send_again(name)
            await schedule.befall(name)
            await world.run_for(chance.expovariate(1 / 40))
        luck.calm = True
        await world.until_quiet()

    return played.play(begin, go_on)


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
                people.offboard(chance.choice(LEAVERS), dry_run=chance.random() < _DRY)
            case "leaves later":
                people.offboard(chance.choice(LEAVERS), in_seconds=chance.uniform(1, 2_000))
            case "retire":
                self._retire(chance.choice(self._world.tenant.devices), dry_run=chance.random() < _DRY)
            case "garbage":
                people.send_garbage()
            case "twice at once":
                people.offboard(chance.choice(LEAVERS))
                people.send_anew(people.letters[-1])
            case "many at once":
                for device in self._world.tenant.devices:
                    self._retire(device)

    def send_again(self, name: str) -> None:
        """Let a sender send once more what was sent."""
        chance, people = self._chance, self._people
        if not people.letters:
            return
        match name:
            case "duplicate":
                people.send_twice(chance.choice(people.letters))
            case "same event again":
                people.send_anew(chance.choice(people.letters))
            case "forged":
                people.forge(chance.choice(people.letters), chance.randrange(100))

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
            case "undo" if self._people.letters:
                self._people.undo(chance.choice(self._people.letters))
            case "long wait":
                await world.run_for(chance.uniform(60, 5_000))

    def _retire(self, device: str, *, dry_run: bool = False) -> None:
        user, by_number = self._chance.choice(LEAVERS[:2]), self._chance.random() < 0.5
        self._people.retire(device, user, by_serial_number=by_number, dry_run=dry_run)
