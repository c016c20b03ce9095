"""The shared budget as JSON text, and back. Pure; knows no storage."""

import json
from datetime import UTC, datetime

from shared.graph.budget import Budget, Grant


def write(budget: Budget) -> str:
    """The text of the record."""
    return json.dumps(
        {
            "grants": [[_milliseconds(grant.at), grant.writes] for grant in budget.grants],
            "level": budget.level,
            "refusedLevel": budget.refused_level,
            "risesFrom": _milliseconds(budget.rises_from),
            "throttledAt": _milliseconds(budget.throttled_at),
            "epoch": budget.epoch,
            "closedUntil": _milliseconds(budget.closed_until),
            "closings": budget.closings,
            "levelBefore": budget.level_before,
        },
        separators=(",", ":"),
    )


def read(text: str) -> Budget:
    """The budget of a record; a fresh one for what can't be read, since losing it costs a few throttled requests at most."""
    try:
        row = json.loads(text)
        return Budget(
            grants=tuple(Grant(_time(at), int(writes)) for at, writes in row["grants"]),
            level=float(row["level"]),
            refused_level=float(row["refusedLevel"]),
            rises_from=_time(row["risesFrom"]),
            throttled_at=_time(row["throttledAt"]),
            epoch=int(row["epoch"]),
            closed_until=_time(row["closedUntil"]),
            closings=int(row["closings"]),
            level_before=float(row["levelBefore"]),
        )
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return Budget()


def _milliseconds(moment: datetime) -> int:
    """Rounded up, so that nobody who reads it begins too early."""
    return -int(-moment.timestamp() * 1000 // 1)


def _time(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
