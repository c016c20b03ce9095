"""Every fault at every step of every scenario, one at a time or two. A case's label is all that it takes to play it again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Self

from tests.proof import scenarios
from tests.proof.faults import Fault, kinds
from tests.proof.scenarios import Played
from tests.proof.world import Plant


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

    def play(self, plant: Plant = scenarios.HONEST) -> Played:
        """Play it."""
        return scenarios.play(self.scenario, self.faults, plant)


def singles(scenario: str, plant: Plant = scenarios.HONEST) -> Iterator[Case]:
    """Every fault at every call that the scenario makes when nothing fails."""
    return _one_more(Case(scenario), 0, plant)


def pairs(scenario: str) -> Iterator[Case]:
    """Every second fault, at every call that follows the first one, of those that are made because of it as well."""
    for case in singles(scenario):
        yield from _one_more(case, case.faults[-1].call + 1, scenarios.HONEST)


def _one_more(case: Case, since: int, plant: Plant) -> Iterator[Case]:
    trail = case.play(plant).trail
    for call in range(since, len(trail)):
        for side, mode in kinds(trail[call]):
            yield Case(case.scenario, (*case.faults, Fault(call, side, mode)))
