"""Intune's quota of writes, shared out: who may write when, and what a throttling changes. Pure; time is passed in.

The documented quota is 100 writes in 20 s for each app and tenant. At most that many are granted in any 21 s: the second to
spare, under 5 % of the quota, is for those who use their grant late. Grants come at once while there is room, so that a few
leavers need not wait, and then at an even pace of one batch at a time.

On a 429 the share that is used falls by a fifth or more and a gate closes for everybody; then it rises, slowest about where it
was refused. What was granted for later is void (a new epoch): it was planned at the old pace.
Source: learn.microsoft.com/graph/throttling-limits, "Intune service limits"
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

QUOTA: Final = 100
SLACK: Final = timedelta(seconds=1)
"""How late a grant may be used without anybody's window of 20 s being exceeded."""
SPAN: Final = timedelta(seconds=20) + SLACK
BATCH: Final = 20
PACE: Final = SPAN * BATCH / QUOTA
"""From one batch to the next when there is no room at once."""

FALL: Final = 0.8
RISE: Final = 5e-6
"""The level rises as the cube of the seconds: back to where it was refused, slowly about there, and then fast to the full level."""
LOWEST: Final = 0.05
LONGEST_CLOSURE: Final = timedelta(minutes=15)
REOPENING: Final = PACE
"""After the time that Graph asked for there is room for one request again; a batch needs as long as it takes to send one."""
SHORTEST_CLOSURE: Final = timedelta(seconds=1)
FIRST_CLOSURE: Final = timedelta(seconds=4)
LONGEST_OWN_CLOSURE: Final = timedelta(seconds=60)
"""Where Graph does not say how long to wait: doubled from the first one on while throttling follows throttling."""
_IN_A_ROW: Final = timedelta(seconds=30)
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Grant:
    """So many writes from this moment on."""

    at: datetime
    writes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What all processes know of the quota. `grants` ascend, from one SPAN ago to as far ahead as anybody reserves.

    `level` was set at `level_at`, when `refused_level` was refused.
    """

    grants: Sequence[Grant] = ()
    level: float = 1.0
    refused_level: float = 1.0
    level_at: datetime = _LONG_AGO
    epoch: int = 0
    closed_until: datetime = _LONG_AGO
    closings: int = 0


def level(budget: Budget, now: datetime) -> float:
    """The share of the quota that is to be used at this moment, from LOWEST to 1."""
    return risen(budget.level, budget.refused_level, now - budget.level_at)


def risen(lowered: float, refused: float, since: timedelta) -> float:
    """A level some time after it was lowered from one that was refused.

    From LOWEST to the full level it takes 71 s; about the refused level, where the limit was, it stays for half a minute.
    Source: RFC 9438 (CUBIC), section 4.2
    """
    back: float = ((refused - lowered) / RISE) ** (1 / 3)
    return min(1.0, refused + RISE * (max(0.0, since.total_seconds()) - back) ** 3)


def reserve(budget: Budget, wanted: int, now: datetime, *, ceiling: float = 1.0) -> tuple[Budget, Grant]:
    """Grant writes: up to `wanted` of them now if there is room, else one batch at the next free time, whoever uses it.

    `ceiling` bounds the level, for a process that can't know what the others do.
    """
    share = min(level(budget, now), ceiling)
    batch = max(1, int(BATCH * share))
    begin = max([now, budget.closed_until, *(grant.at for grant in budget.grants[-1:])])
    grant = Grant(now, min(wanted, BATCH, _room(budget, share, batch, now))) if begin == now else Grant(begin, 0)
    if grant.writes < 1:
        grant = Grant(_free(budget, share, batch, begin), batch)
    kept = [each for each in budget.grants if each.at > now - SPAN]
    return replace(budget, grants=(*kept, grant)), grant


def throttled(
    budget: Budget, now: datetime, wait: timedelta | None, *, sent_at: datetime, lower: bool = True
) -> Budget:
    """Graph refused what was sent at `sent_at`, and asked for a `wait` if it did: the gate closes, and the level falls.

    Once only for all that was sent before: those answers say nothing about the level since. `lower` is False for other
    answers that ask everybody to wait.
    """
    late = sent_at <= budget.level_at
    if wait is None and (late or not lower):
        return budget
    closed = max(budget.closed_until, now + _closure(budget, now, wait) + REOPENING)
    if late or not lower:
        return replace(budget, closed_until=closed)
    lowered, refused = _lowered(budget, now)
    return Budget(
        grants=tuple(grant for grant in budget.grants if grant.at <= now),
        level=lowered,
        refused_level=refused,
        level_at=now,
        epoch=budget.epoch + 1,
        closed_until=closed,
        closings=_in_a_row(budget, now),
    )


def _lowered(budget: Budget, now: datetime) -> tuple[float, float]:
    """The level from now on, and the one that was refused: what was in fact used, where the level had risen unused."""
    allowed = level(budget, now)
    used = sum(grant.writes for grant in budget.grants if now - SPAN < grant.at <= now) / QUOTA
    refused = max(min(allowed, used), allowed * FALL)
    return max(LOWEST, refused * FALL), max(LOWEST, refused)


def _closure(budget: Budget, now: datetime, wait: timedelta | None) -> timedelta:
    if wait is None:
        own = FIRST_CLOSURE * float(2 ** min(_in_a_row(budget, now) - 1, 10))
        return min(own, LONGEST_OWN_CLOSURE)
    return min(max(wait, SHORTEST_CLOSURE), LONGEST_CLOSURE)


def _in_a_row(budget: Budget, now: datetime) -> int:
    return budget.closings + 1 if now - budget.closed_until < _IN_A_ROW else 1


def _room(budget: Budget, share: float, batch: int, now: datetime) -> int:
    """How many writes there is room for at once. Below the full level, no more than the even pace allows."""
    room = math.floor(QUOTA * share) - _used(budget, now - SPAN)
    return room if share == 1 else min(room, batch - _used(budget, now - PACE))


def _free(budget: Budget, share: float, batch: int, begin: datetime) -> datetime:
    """The first time from `begin` on, at least one PACE after the last grant, when a batch fits into the window before it."""
    at = max([begin, *(grant.at + PACE for grant in budget.grants[-1:])])
    limit = max(batch, math.floor(QUOTA * share))
    used = sum(grant.writes for grant in budget.grants)
    for grant in budget.grants:  # the oldest leave the window first
        if grant.at > at - SPAN:
            if used + batch <= limit:
                break
            at = grant.at + SPAN
        used -= grant.writes
    return at


def _used(budget: Budget, since: datetime) -> int:
    return sum(grant.writes for grant in budget.grants if grant.at > since)
