"""Intune's quota of writes, shared out: who may write when, and what a throttling changes. Pure; time is passed in.

The documented quota is 100 writes in 20 s for each app and tenant. At most that many are granted in any 21 s: the second to
spare, under 5 % of the quota, is for those who use their grant late. Grants come at once while there is room, so that a few
leavers need not wait, and then at an even pace of one batch at a time.

On a 429 a gate closes for everybody, and the share that is used falls by a fifth or more; from the opening on it rises, slowest
about where it was refused. What was granted for later is void (a new epoch): it was planned at the old pace. Where Graph refuses
again and again as soon as the gate opens, one write at a time finds out whether it still does.
Source: learn.microsoft.com/graph/throttling-limits, "Intune service limits"
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import Enum
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
WAY_BACK: Final = timedelta(seconds=20)
"""How long it takes until it is back where it was refused."""
LOWEST: Final = 0.05
LONGEST_CLOSURE: Final = timedelta(minutes=15)
REOPENING: Final = PACE
"""After the time that Graph asked for there is room for one request again; a batch needs as long as it takes to send one."""
SHORTEST_CLOSURE: Final = timedelta(seconds=1)
FIRST_CLOSURE: Final = timedelta(seconds=4)
LONGEST_OWN_CLOSURE: Final = timedelta(seconds=26)
"""Where Graph does not say how long to wait: doubled from the first one on while throttling follows throttling. With the
reopening it makes one attempt in half a minute."""
IN_A_ROW: Final = timedelta(seconds=30)
"""A throttling so soon after the gate opened follows the one before."""
OUTAGE: Final = 5
"""So many in a row mean that nothing gets through."""
_LONG_AGO: Final = datetime(2000, 1, 1, tzinfo=UTC)


class Refused(Enum):
    """What Graph did not do."""

    WRITE = "a write, by a 429"
    READ = "a read, by a 429"
    BUSY = "anything, by another answer that asks everybody to wait"


@dataclass(frozen=True, slots=True)
class Grant:
    """So many writes from this moment on."""

    at: datetime
    writes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What all processes know of the quota. `grants` ascend, from one SPAN ago to as far ahead as anybody reserves.

    `level` rises from `rises_from` on; `refused_level` is what was refused. `throttled_at` is the latest 429, the last of
    `closings` in a row, before which the level was `level_before`.
    """

    grants: Sequence[Grant] = ()
    level: float = 1.0
    refused_level: float = 1.0
    rises_from: datetime = _LONG_AGO
    throttled_at: datetime = _LONG_AGO
    epoch: int = 0
    closed_until: datetime = _LONG_AGO
    closings: int = 0
    level_before: float = 1.0


def level(budget: Budget, now: datetime) -> float:
    """The share of the quota that is to be used at this moment, from LOWEST to 1."""
    return risen(budget.level, budget.refused_level, now - budget.rises_from)


def risen(lowered: float, refused: float, since: timedelta) -> float:
    """A level some time after it was lowered from one that was refused.

    About the refused level, where the limit was, it stays for half a minute; from LOWEST to the full level takes 58 s.
    The curve is that of RFC 9438 (CUBIC), section 4.2, but for the way back, which takes as long from any depth.
    """
    seconds = max(0.0, since.total_seconds())
    way_back = WAY_BACK.total_seconds() if lowered < refused else 0.0
    if seconds < way_back:
        return lowered + (refused - lowered) * (1 - (1 - seconds / way_back) ** 3)
    return min(1.0, refused + RISE * (seconds - way_back) ** 3)


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


def reserve_for_all(
    budget: Budget, wanted: int, now: datetime, *, until: datetime, ceiling: float = 1.0
) -> tuple[Budget, Sequence[Grant]]:
    """Grants for so many as ask, in any case one; further ones only up to `until`."""
    budget, grant = reserve(budget, wanted, now, ceiling=ceiling)
    granted, wanted = [grant], wanted - grant.writes
    while wanted > 0:
        further, grant = reserve(budget, wanted, now, ceiling=ceiling)
        if grant.at > until:
            break
        budget, wanted = further, wanted - grant.writes
        granted.append(grant)
    return budget, granted


def throttled(budget: Budget, now: datetime, wait: timedelta | None, *, sent_at: datetime, refused: Refused) -> Budget:
    """Graph refused what was sent at `sent_at`, and asked for a `wait` if it did: the gate closes, and for writes the level falls.

    Once only for all that was sent before: those answers say nothing about the level since. Reads that are refused again as
    soon as the gate opens count as writes: each write comes after a read.
    """
    if refused is Refused.BUSY or sent_at <= budget.throttled_at:
        return budget if wait is None else _closed(budget, now, _bounded(wait))
    in_a_row = budget.closings + 1 if now - budget.closed_until < IN_A_ROW else 1
    closed = _closed(budget, now, _own_closure(in_a_row) if wait is None else _bounded(wait))
    first = in_a_row == 1 or sent_at > budget.closed_until + 2 * PACE  # else nothing got through since the one before
    before = level(budget, now) if first else budget.level_before
    closed = replace(closed, throttled_at=now, closings=in_a_row, level_before=before)
    if refused is Refused.READ and in_a_row == 1:
        return closed
    lowered, refused_level = _lowered(budget, now, in_a_row=in_a_row)
    # A short closure counts as time gone by; while nothing gets through the first write goes alone, however long ago that was.
    rises_from = closed.closed_until - (timedelta(0) if in_a_row >= OUTAGE else FIRST_CLOSURE + REOPENING)
    return replace(
        closed,
        grants=tuple(grant for grant in budget.grants if grant.at <= now),
        level=lowered,
        refused_level=refused_level,
        rises_from=max(now, rises_from),
        epoch=budget.epoch + 1,
    )


def _closed(budget: Budget, now: datetime, closure: timedelta) -> Budget:
    """With the gate closed for so long at least; the level stays as it is until it opens."""
    until = now + closure + REOPENING
    if until <= budget.closed_until:
        return budget
    reached = level(budget, now)
    return replace(
        budget,
        closed_until=until,
        level=reached,
        refused_level=max(budget.refused_level, reached),
        rises_from=until,
    )


def _lowered(budget: Budget, now: datetime, *, in_a_row: int) -> tuple[float, float]:
    """The level from now on, and the one that was refused: what was in fact used, where the level had risen unused."""
    if in_a_row >= OUTAGE and _granted(budget, budget.closed_until, now) <= LOWEST * QUOTA:
        return LOWEST, budget.level_before  # the first few were refused: that says nothing about how many may be sent
    allowed = level(budget, now)
    used = _granted(budget, now - SPAN, now) / QUOTA
    refused = max(min(allowed, used), allowed * FALL)
    return max(LOWEST, refused * FALL), max(LOWEST, refused)


def _granted(budget: Budget, since: datetime, until: datetime) -> int:
    return sum(grant.writes for grant in budget.grants if since < grant.at <= until)


def _bounded(wait: timedelta) -> timedelta:
    return min(max(wait, SHORTEST_CLOSURE), LONGEST_CLOSURE)


def _own_closure(in_a_row: int) -> timedelta:
    return min(FIRST_CLOSURE * float(2 ** min(in_a_row - 1, 10)), LONGEST_OWN_CLOSURE)


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
