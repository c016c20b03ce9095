"""Reads host.json: how many messages at once, how long locks are renewed.

Knows the file's form and the defaults of the Service Bus extension, version 5 (learn.microsoft.com/azure/azure-functions/
functions-bindings-service-bus). Keys that this host has no use for are left alone, as they are the real host's.
"""

import datetime as dt
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from devhost import errors

_TIMESPAN = re.compile(r"(-)?(?:(\d+)\.)?(\d{1,2}):(\d{2}):(\d{2})(?:\.(\d{1,7}))?")


def _is_whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= least


_RULES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "maxConcurrentCalls": (lambda value: _is_whole(value, 1), "a whole number above 0"),
    "prefetchCount": (lambda value: _is_whole(value, 0), "a whole number, not negative"),
    "maxAutoLockRenewalDuration": (
        lambda value: isinstance(value, str) and _TIMESPAN.fullmatch(value) is not None,
        "a duration as in 00:05:00",
    ),
    "autoCompleteMessages": (lambda value: isinstance(value, bool), "true or false"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceBusOptions:
    """The part of host.json that this host obeys. A renewal duration of None is without end."""

    max_concurrent_calls: int = 16
    max_auto_lock_renewal: dt.timedelta | None = dt.timedelta(minutes=5)
    prefetch_count: int = 0
    auto_complete: bool = True


def read(path: Path) -> ServiceBusOptions:
    """Read the options from a host.json. Raises InvalidConfiguration with every problem in it."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise errors.InvalidConfiguration([f"there is no {path}"]) from None
    except ValueError as error:
        raise errors.InvalidConfiguration([f"{path} is not JSON: {error}"]) from error
    section = document
    for key in ("extensions", "serviceBus"):
        section = section.get(key, {}) if isinstance(section, dict) else None
    if not isinstance(document, dict) or not isinstance(section, dict):
        raise errors.InvalidConfiguration([f"{path}: extensions.serviceBus is no object"])
    return _options(section, path)


def _options(section: dict[str, Any], path: Path) -> ServiceBusOptions:
    problems = [
        f"{path}: extensions.serviceBus.{key} must be {form}"
        for key, (is_valid, form) in _RULES.items()
        if key in section and not is_valid(section[key])
    ]
    if problems:
        raise errors.InvalidConfiguration(problems)
    default = ServiceBusOptions()
    renewal = section.get("maxAutoLockRenewalDuration")
    return ServiceBusOptions(
        max_concurrent_calls=section.get("maxConcurrentCalls", default.max_concurrent_calls),
        max_auto_lock_renewal=default.max_auto_lock_renewal if renewal is None else timespan(renewal),
        prefetch_count=section.get("prefetchCount", default.prefetch_count),
        auto_complete=section.get("autoCompleteMessages", default.auto_complete),
    )


def timespan(value: str) -> dt.timedelta | None:
    """Read a .NET TimeSpan, as in 00:05:00 or 1.00:00:00. A negative one means without end: None."""
    match = _TIMESPAN.fullmatch(value)
    if match is None:
        raise ValueError(f"{value!r} is not a duration as in 00:05:00")
    minus, days, hours, minutes, seconds, fraction = match.groups()
    if minus:
        return None
    return dt.timedelta(
        days=int(days or 0),
        hours=int(hours),
        minutes=int(minutes),
        seconds=int(seconds),
        microseconds=int((fraction or "").ljust(7, "0")[:6]),
    )
