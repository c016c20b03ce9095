"""What this process has reserved and not yet handed out. Pure; knows no record and does not wait."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from shared.graph import budget
from shared.graph.budget import Budget, Grant


@dataclass(slots=True)
class _Left:
    """What is left of one grant."""

    at: datetime
    writes: int


class Pool:
    """The grants of the latest reservation, the earliest first; good as long as `epoch` lasts."""

    def __init__(self) -> None:
        self.epoch = 0
        self._left: list[_Left] = []

    def fill(self, grants: Iterable[Grant], *, epoch: int) -> None:
        """Forget what there was, and hold these."""
        self.epoch = epoch
        self._left = [_Left(grant.at, grant.writes) for grant in grants]

    def take(self, known: Budget, now: datetime) -> datetime | None:
        """When one more write may be sent, or None if there is none left that is still good."""
        if self.epoch != known.epoch:
            return None
        earliest = max(now - budget.SLACK, known.closed_until)
        found = next((left for left in self._left if left.writes > 0 and left.at >= earliest), None)
        if found is None:
            return None
        found.writes -= 1
        return found.at

    def give_back(self, at: datetime, *, epoch: int) -> None:
        """One of that moment was not needed: whoever asks next may have it, as long as it is good."""
        found = next((left for left in self._left if left.at == at and self.epoch == epoch), None)
        if found is not None:
            found.writes += 1
