"""What the journal has of an event that is about to be sent: how it ended, or why its id is used up. Pure."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from shared import concluding, ports
from shared.domain import events
from shared.domain.acts import ActKind
from shared.domain.errors import InvalidMessage
from shared.messaging import conclusion
from shared.messaging.conclusion import Conclusion

_TRACE_LENGTH: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """`end` is how the run ended that sending would be answered with, `outcome` its latest word, of `at`; else None and empty.

    `trace` stands for all else that was done under this id: a run that ended dry where a live one is wanted now, or the other
    way round, and what was discarded. Empty if nothing was, and the same as long as nothing more is. `undone_at` is when an
    operator undid it, if that was the last of it.
    """

    end: Conclusion | None = None
    outcome: str = ""
    at: datetime | None = None
    trace: str = ""
    undone_at: datetime | None = None


def found(
    record: ports.Record, event: events.Event, *, dry_run: bool, now: datetime, message_max_age: timedelta
) -> Earlier:
    """What is on record of an event that is wanted dry, or live. Raises InvalidMessage where the service would."""
    fingerprint = conclusion.fingerprint(event)
    end = concluding.of_the_run(record, 0, dry_run=dry_run, fingerprint=fingerprint)
    if end is None:
        return Earlier(trace=_trace(record, fingerprint, dry_run=not dry_run))
    if concluding.long_ago(end, now, message_max_age):
        raise InvalidMessage(
            "$.eventId",
            f"was used by an event that ended on {end.at:%Y-%m-%d}: give each event its own id "
            "(with --csv: --again WORD, or a column eventId)",
        )
    latest = [each for each in record.conclusions if each.dry_run is dry_run and not each.of_a_body][-1]
    return Earlier(end=end, outcome=latest.outcome or "unknown", at=latest.at, undone_at=_undone_at(record))


def _undone_at(record: ports.Record) -> datetime | None:
    live = record.history.live()
    undone = (live.undone(*about) for about in live.subjects())
    return max((entry.at for entry in undone if entry is not None), default=None)


def _trace(record: ports.Record, fingerprint: str, *, dry_run: bool) -> str:
    ends = [
        f"{end.run} {end.dry_run} {end.at.isoformat()}"
        for end in record.conclusions
        if end.dry_run is dry_run and end.fingerprint == fingerprint
    ]
    discarded = [act.act_id for act in record.acts if act.kind is ActKind.DISCARD]
    if not ends and not discarded:
        return ""
    return hashlib.sha256("\0".join([*ends, *discarded]).encode("utf-8", "surrogatepass")).hexdigest()[:_TRACE_LENGTH]
