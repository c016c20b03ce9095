"""What a status of Graph's means as an error of ours. Knows Graph's error bodies, and no client library.

A text made here names the status, Graph's error code and its ids for support; never the message, which may quote anything.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from shared.domain.errors import GraphPermissionDenied, GraphRequestRejected, GraphThrottled, GraphUnavailable
from shared.graph import retry_after
from shared.graph.response import Response

MAX_BYTES: Final = 64 * 1024
"""A longer body is no error of Graph's, whose own have some hundred bytes; it is not read at all."""
_CODE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
_ID: Final = re.compile(r"[0-9A-Za-z-]{1,64}")
_ACTIVITY: Final = re.compile(r"Activity ID: ([0-9a-fA-F-]{36})")


def raise_for(response: Response, *, now: datetime) -> None:
    """Return for any 2xx; else raise the error that the status stands for.

    GraphThrottled (429) and GraphUnavailable (408, 5xx, and 1xx or 3xx, which Graph has no reason to send) with the wait
    that Graph asked for; GraphPermissionDenied (401, 403); GraphRequestRejected (any other 4xx).
    """
    if response.succeeded:
        return
    text = describe(response)
    match response.status:
        case 429:
            raise GraphThrottled(text, retry_after=wait(response, now=now))
        case 401 | 403:
            raise GraphPermissionDenied(text)
        case status if 400 <= status < 500 and status != 408:
            raise GraphRequestRejected(text)
        case _:
            raise GraphUnavailable(text, retry_after=wait(response, now=now))


def found(response: Response, *, now: datetime) -> bool:
    """Whether there is what was asked for: False for a 404 that Graph itself gave; raises as `raise_for` does.

    A 404 with a web page comes from something on the way and says nothing about the record: GraphUnavailable.
    """
    if response.status != 404:
        raise_for(response, now=now)
        return True
    if response.body.strip() and not _error(response):
        raise GraphUnavailable("something that is not graph answered 404")
    return False


def wait(response: Response, *, now: datetime) -> timedelta | None:
    """How long Graph asks to wait: in the header, else in Intune's error body (`RetryAfter`), else None."""
    if (header := response.headers.get("retry-after")) is not None:
        return retry_after.parse(header, now=now)
    match _intune_message(_error(response)).get("RetryAfter"):
        case bool() | None:
            return None
        case str() | int() | float() as asked:
            return retry_after.parse(str(asked), now=now)
        case _:
            return None


def describe(response: Response) -> str:
    """The status with all that support can use: error code, request id, Intune's activity id."""
    error = _error(response)
    facts = [f"graph answered {response.status}"]
    if code := _plain(_CODE, error.get("code")):
        facts.append(code)
    inner = error.get("innerError")
    ids = inner if isinstance(inner, dict) else {}
    if request_id := _plain(_ID, response.headers.get("request-id")) or _plain(_ID, ids.get("request-id")):
        facts.append(f"request {request_id}")
    message = error.get("message")
    if isinstance(message, str) and (activity := _ACTIVITY.search(message)):
        facts.append(f"activity {activity.group(1)}")
    return ", ".join(facts)


def _error(response: Response) -> Mapping[str, Any]:
    if len(response.body) > MAX_BYTES:
        return {}
    error = (response.json_or_none() or {}).get("error")
    return error if isinstance(error, dict) else {}


def _intune_message(error: Mapping[str, Any]) -> Mapping[str, Any]:
    """Intune puts a JSON object of its own into the message."""
    try:
        inner = json.loads(error.get("message", ""))
    except (TypeError, ValueError, RecursionError):
        return {}
    return inner if isinstance(inner, dict) else {}


def _plain(pattern: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and pattern.fullmatch(value) else None
