"""How much of each module's changes was noticed, of those that could be. Knows no test and no change by name."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from tests.mutation.found import NO_TESTS, Change, Module

LOWEST: Final = 0.9
"""A module of which less is noticed is not held by its tests, however good the reasons are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """`at_load` are the changes that were never in place: no test came by, and they are explained as run at load."""

    name: str
    changes: int
    noticed: int
    at_load: int

    @property
    def share(self) -> float:
        """What was noticed, of what could be."""
        could_be = self.changes - self.at_load
        return self.noticed / could_be if could_be else 1.0

    @property
    def is_low(self) -> bool:
        """Whether it fails."""
        return self.share < LOWEST

    def __str__(self) -> str:
        return f"{self.name:44} {self.changes:8} {self.at_load:8} {self.noticed:8} {self.share:7.1%}"


HEAD: Final = f"{'module':44} {'changes':>8} {'at load':>8} {'noticed':>8} {'score':>7}"


def of(module: Module, explained_as_load: Collection[Change]) -> Score:
    """The score of one module."""
    at_load = sum(
        module.ended[name] == NO_TESTS and change in explained_as_load for name, change in module.survivors.items()
    )
    return Score(name=str(module.path), changes=len(module.ended), noticed=module.noticed, at_load=at_load)


def in_all(scores: Sequence[Score]) -> Score:
    """That of all modules together."""
    return Score(
        name="in all",
        changes=sum(each.changes for each in scores),
        noticed=sum(each.noticed for each in scores),
        at_load=sum(each.at_load for each in scores),
    )
