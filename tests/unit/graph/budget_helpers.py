"""What tests of the budget share: time in seconds, and a row of grants."""

from datetime import datetime, timedelta

from shared.graph import budget
from shared.graph.budget import Budget, Grant, Refused
from tests.fakes import NOW

SECOND = timedelta(seconds=1)


def after(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


def grants(known: Budget, count: int, wanted: int, *, at: float = 0) -> tuple[Budget, list[Grant]]:
    granted = []
    for _ in range(count):
        known, grant = budget.reserve(known, wanted, NOW + after(at))
        granted.append(grant)
    return known, granted


def refused(
    known: Budget, now: datetime, wait: timedelta | None, *, sent_at: datetime, what: Refused = Refused.WRITE
) -> Budget:
    return budget.throttled(known, now, wait, sent_at=sent_at, refused=what)


def most_in(window: timedelta, granted: list[Grant]) -> int:
    ends = [grant.at for grant in granted]
    return max(sum(grant.writes for grant in granted if end - window < grant.at <= end) for end in ends)
