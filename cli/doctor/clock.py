"""Whether this machine's clock is right: compared with the time in Graph's answer, else with the token's. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

from cli.doctor import findings
from cli.doctor.findings import Finding

_CHECK: Final = "clock"
_MEND: Final = "synchronise this machine's clock: retries, put-offs and the shared rate limit go by it"
NOTABLE: Final = timedelta(seconds=30)
TOO_MUCH: Final = timedelta(minutes=5)
"""What Entra and Service Bus tolerate in the times of a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """The headers of an answer, and our own time as it was asked for and got."""

    headers: Mapping[str, str]
    asked_at: datetime
    got_at: datetime


def check(answered: Answered | None, issued_at: datetime | None, *, now: datetime) -> Finding:
    """One line. A token may be hours old, so by itself it tells only a clock that is behind."""
    date = _date(answered.headers.get("date")) if answered else None
    if answered is not None and date is not None:
        between = answered.asked_at + (answered.got_at - answered.asked_at) / 2
        return _judged(between - date, "Graph's")
    if issued_at is not None and issued_at - now > TOO_MUCH:
        return _judged(now - issued_at, "the token's")
    return findings.warn(
        _CHECK, "not checked: no answer of Graph's tells the time", "mend what keeps Graph from answering"
    )


def _judged(ahead: timedelta, whose: str) -> Finding:
    text = f"{_spoken(abs(ahead))} {'ahead of' if ahead > timedelta(0) else 'behind'} {whose}"
    if abs(ahead) >= TOO_MUCH:
        return findings.fail(_CHECK, text, _MEND)
    if abs(ahead) >= NOTABLE:
        return findings.warn(_CHECK, text, _MEND)
    return findings.ok(_CHECK, f"within {NOTABLE.total_seconds():g} s of {whose}")


def _spoken(span: timedelta) -> str:
    seconds = round(span.total_seconds())
    return f"{seconds} s" if seconds < 120 else f"{round(seconds / 60)} min"


def _date(text: str | None) -> datetime | None:
    try:
        found = parsedate_to_datetime(text or "")
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
