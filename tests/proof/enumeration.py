"""Every fault at every step of every scenario, one at a time or two. A case's label is all that it takes to play it again."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from tests.proof import scenarios
from tests.proof.faults import Fault, Mode, Side, kinds
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

    A timeout is one after the effect here: one before it is the error before it, 20 s later. `played` is what came of the first.
    """
    where = scenarios.SCENARIOS[first.scenario].pairs_at
    if not _paired(first.faults[0].side, first.faults[0].mode):
        return
    played = played or first.play()
    if not played.trail[first.faults[0].call].startswith(where):
        return
    for call, side, mode in _kinds(first, HONEST, played):
        if played.trail[call].startswith(where) and _paired(side, mode):
            yield Case(first.scenario, (*first.faults, Fault(call, side, mode)))


def elsewhere(scenario: str, number: int, seed: int = 0) -> Iterator[Case]:
    """So many pairs, drawn, of those that `pairs_at` leaves out: at least one of the two calls is none of its."""
    chance, where = random.Random(f"{scenario}:{seed}"), scenarios.SCENARIOS[scenario].pairs_at
    firsts = [each for each in singles(scenario) if _paired(each.faults[0].side, each.faults[0].mode)]
    if where == ("",):
        return
    for first in chance.choices(firsts, k=number):
        played = first.play()
        within = played.trail[first.faults[0].call].startswith(where)
        kinds_of_it = [
            Fault(*each)
            for each in _kinds(first, HONEST, played)
            if _paired(*each[1:]) and not (within and played.trail[each[0]].startswith(where))
        ]
        if kinds_of_it:
            yield Case(scenario, (*first.faults, chance.choice(kinds_of_it)))


def _paired(side: Side, mode: Mode) -> bool:
    return (side, mode) != (Side.BEFORE, Mode.TIMEOUT)


def _kinds(case: Case, plant: Plant, played: Played | None = None) -> Iterator[tuple[int, Side, Mode]]:
    """What can go wrong at each call after those that do.

    To be killed before a call is to be killed after the one before, where nothing else went on in between: that is left out.
    """
    played = played or case.play(plant)
    for call in range(case.faults[-1].call + 1 if case.faults else 0, len(played.trail)):
        for side, mode in kinds(played.trail[call]):
            if not (played.follows[call] and (side, mode) == (Side.BEFORE, Mode.KILL)):
                yield call, side, mode
