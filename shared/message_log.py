"""The log lines about messages: constant event names with fields, in which nobody is named.

Ids are logged as the sender chose them, quoted where they could break a line in two.
"""

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final, assert_never

from shared.domain import errors
from shared.messaging import settlement
from shared.messaging.incoming import IncomingMessage

_log: Final = logging.getLogger(__name__)
_FRAMES: Final = 6


def decoded(message: IncomingMessage, *, event_id: str, about: str) -> None:
    """A message was taken and understood; `about` is the pseudonym of the user or device."""
    _write(logging.INFO, "message.decoded", message, {"event_id": event_id, "about": about})


def to_verify(message: IncomingMessage, *, event_id: str, number: int) -> None:
    """A message of our own was taken: the `number`-th look at what an event did."""
    _write(logging.INFO, "message.to_verify", message, {"event_id": event_id, "look": number})


def failed(message: IncomingMessage, error: Exception) -> None:
    """An attempt failed. The text of an unexpected error may quote anything: where it came from is logged instead."""
    known = isinstance(error, errors.UnassignmentError)
    level = logging.WARNING if known else logging.ERROR
    what = {"text": str(error)} if known else {"where": _where(error)}
    if isinstance(error, errors.TransientError) and error.retry_after is not None:
        what["asked_to_wait_seconds"] = f"{error.retry_after.total_seconds():g}"
    _write(level, "message.failed", message, {"error": type(error).__name__, **what})


def concluded(message: IncomingMessage, *, outcome: str, dry_run: bool) -> None:
    """A message's outcome is on record and published."""
    _write(logging.INFO, "message.concluded", message, {"outcome": outcome, "dry_run": dry_run})


def settled(message: IncomingMessage, decision: settlement.Settlement) -> None:
    """A message was settled, or its copy scheduled and it completed."""
    _write(logging.INFO, "message.settled", message, {"settlement": type(decision).__name__, **_details(decision)})


def not_settled(message: IncomingMessage, error: Exception, *, lock_lost: bool) -> None:
    """A message could not be settled: it comes back when its lock expires."""
    _write(logging.WARNING, "message.not_settled", message, {"text": str(error), "lock_lost": lock_lost})


def _details(decision: settlement.Settlement) -> Mapping[str, Any]:
    match decision:
        case settlement.DeadLetter(reason, _):
            return {"reason": reason.value}
        case settlement.DelayedRetry(delay):
            return {"delay_seconds": round(delay.total_seconds(), 1)}
        case settlement.PutOff(until, why, _):
            return {"until": until.isoformat(), "reason": why.value}
        case settlement.Complete() | settlement.Abandon():
            return {}
        case _:
            assert_never(decision)


def _where(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return ">".join(f"{frame.name}:{frame.lineno}" for frame in frames[-_FRAMES:])


def _write(level: int, name: str, message: IncomingMessage, fields: Mapping[str, Any]) -> None:
    if not _log.isEnabledFor(level):
        return
    every = {"queue": message.queue, "message_id": message.message_id, "attempt": message.attempt, **fields}
    text = " ".join(f"{key}={_shown(value)}" for key, value in every.items())
    _log.log(
        level, "%s %s", name, text, extra={"event": name, **{f"field_{key}": value for key, value in every.items()}}
    )


def _shown(value: Any) -> str:
    """A value as one word; a text with spaces or anything unprintable is quoted, so that nobody can forge a line."""
    text = str(value)
    plain = text.isascii() and text.isprintable() and " " not in text and text
    return text if plain else json.dumps(text)
