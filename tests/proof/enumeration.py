"""Every fault at every step of every scenario, one at a time or two. A case's label is all that it takes to play it again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from tests.proof import scenarios
from tests.proof.faults import READS, Fault, Mode, Side, kinds
from tests.proof.played import Played
from tests.proof.process import HONEST, Plant


@dataclass(frozen=True, slots=True)
class Case:
    """One scenario with its faults, the earlier one first."""

    scenario: str
    faults: tuple[Fault, ...] = ()

    def __str__(self) -> str:
        return ":".join((self.scenario, *map(str, self.faults)))

    @classmethod
    def parse(cls, label: str) -> Self:
        """A case from its label. Raises ValueError."""
        scenario, *faults = label.split(":")
        return cls(scenario, tuple(map(Fault.parse, faults)))

    def play(self, plant: Plant = HONEST) -> Played:
        """Play it."""
        return scenarios.play(self.scenario, self.faults, plant)


def singles(scenario: str, plant: Plant = HONEST) -> Iterator[Case]:
    """Every fault at every call that the scenario makes when nothing fails."""
    for call, side, mode in _kinds(Case(scenario), plant):
        yield Case(scenario, (Fault(call, side, mode),))


def seconds(first: Case, played: Played | None = None) -> Iterator[Case]:
    """The pairs that begin with this fault: a second one at every call that follows, of those that are made because of it too.

    Without those that are as good as another (`left_out`). `played` is what came of the first.
    """
    played = played or first.play()
    if not left_out(first.scenario, played, first.faults[0]):
        for second in _seconds(first, played):
            if not left_out(first.scenario, played, second):
                yield Case(first.scenario, (*first.faults, second))


def drawn(scenario: str, number: int) -> Case | None:
    """One of the pairs that are left out, by its number; none where there is none after the first fault that was drawn."""
    chance = random.Random(f"{scenario}:{number}")
    first = chance.choice(list(singles(scenario)))
    played = first.play()
    out = left_out(scenario, played, first.faults[0])
    others = [second for second in _seconds(first, played) if out or left_out(scenario, played, second)]
    return Case(scenario, (*first.faults, chance.choice(others))) if others else None


def left_out(scenario: str, played: Played, fault: Fault) -> bool:
    """Whether a fault is left out of pairs: at a step that is another scenario's too, or as good as another fault.

    A timeout before the effect is the error before it, 20 s later. A read changes nothing: an answer of one that is lost, by an
    error, a timeout or a kill, is the same before and after it.
    """
    where = scenarios.SCENARIOS[scenario].pairs_at
    if not played.trail[fault.call].startswith(where):
        return True
    if (fault.side, fault.mode) == (Side.BEFORE, Mode.TIMEOUT):
        return True
    if fault.side is Side.BEFORE or fault.mode is Mode.HOLD or played.trail[fault.call] not in READS:
        return False
    return fault.mode is not Mode.KILL or _killed_earlier(played, fault.call, where)


def _killed_earlier(played: Played, call: int, where: tuple[str, ...]) -> bool:
    """Whether a kill before this call is played: at the call itself, or after the last one before it that is no such read."""
    while played.follows[call]:
        call -= 1
        if not played.trail[call].startswith(where):
            return False
        if played.trail[call] not in READS:
            return True
    return True


def _seconds(first: Case, played: Played) -> Iterator[Fault]:
    return (Fault(*kind) for kind in _kinds(first, HONEST, played))


def _kinds(case: Case, plant: Plant, played: Played | None = None) -> Iterator[tuple[int, Side, Mode]]:
    """What can go wrong at each call after those that do.

    To be killed before a call is to be killed after the one before, where nothing else went on in between: that is left out.
    """
    played = played or case.play(plant)
    for call in range(case.faults[-1].call + 1 if case.faults else 0, len(played.trail)):
        for side, mode in kinds(played.trail[call]):
            if not (played.follows[call] and (side, mode) == (Side.BEFORE, Mode.KILL)):
                yield call, side, mode
