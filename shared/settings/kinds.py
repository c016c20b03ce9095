"""The kinds of values that settings have: what each looks like, and how its text is parsed.

A parser raises ValueError and never quotes the value, which may be a secret.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

_UNITS: Final = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}
_DURATION: Final = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)\s*([smhd]?)", re.IGNORECASE | re.ASCII)
_TRUE: Final = ("true", "1", "yes", "on")
_FALSE: Final = ("false", "0", "no", "off")


@dataclass(frozen=True, slots=True)
class Kind:
    """A form in words, with an example, and the parser of it."""

    form: str
    parse: Callable[[str], Any]


def text(form: str) -> Kind:
    """Any text; the form is for people."""
    return Kind(form, str)


def number(least: int, most: int) -> Kind:
    """A whole number within bounds."""

    def parse(value: str) -> int:
        if not (value.isascii() and value.isdigit() and len(value) < 10 and least <= int(value) <= most):
            raise ValueError("not a number within the bounds")
        return int(value)

    return Kind(f"a number from {least} to {most}", parse)


def _flag(value: str) -> bool:
    if value.lower() in _TRUE:
        return True
    if value.lower() in _FALSE:
        return False
    raise ValueError("neither true nor false")


def _duration(value: str) -> timedelta:
    duration = _seconds(value)
    if not timedelta(0) < duration <= timedelta(days=366):
        raise ValueError("not a duration of more than nothing and less than a year")
    return duration


def _long_duration(value: str) -> timedelta:
    duration = _seconds(value)
    if not timedelta(0) < duration <= timedelta(days=3660):
        raise ValueError("not a duration of more than nothing and less than ten years")
    return duration


def _seconds(value: str) -> timedelta:
    match = _DURATION.fullmatch(value)
    return timedelta(seconds=float(match[1]) * _UNITS[match[2].lower()]) if match else timedelta(0)


def _words(value: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in value.split(",") if word.strip())


def _secret(value: str) -> str:
    if value and len(value) < 16:
        raise ValueError("too short to keep a hash secret")
    return value


def _host(value: str) -> str:
    if value and ("." not in value or re.search(r"[/:\s]", value)):
        raise ValueError("not a host name")
    return value


def _credential(value: str) -> str:
    if value and value.lower() != "managedidentity":
        raise ValueError("not a way to sign in that is known")
    return value


def _entity(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._/-]{0,258}[A-Za-z0-9])?", value):
        raise ValueError("not the name of a queue or topic")
    return value


def _guid(value: str) -> str:
    if value and not re.fullmatch(r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}", value):
        raise ValueError("not a GUID")
    return value


def _connection_string(value: str) -> str:
    if value and not re.match(r"endpoint=sb://[^/;\s]+", value, re.IGNORECASE):
        raise ValueError("not a connection string")
    return value


FLAG: Final = Kind("true or false", _flag)
DURATION: Final = Kind("a duration, such as 90s, 10m, 24h or 7d", _duration)
LONG_DURATION: Final = Kind("a duration of at most ten years, such as 365d", _long_duration)
WORDS: Final = Kind("a list separated by commas, in which * stands for any characters", _words)
SECRET: Final = Kind("16 characters or more", _secret)
HOST: Final = Kind("a host name, such as contoso.servicebus.windows.net", _host)
CONNECTION_STRING: Final = Kind("Endpoint=sb://HOST;SharedAccessKeyName=NAME;SharedAccessKey=KEY", _connection_string)
CREDENTIAL: Final = Kind("managedidentity", _credential)
ENTITY: Final = Kind("the name of a queue or topic, such as user-offboarding", _entity)
GUID: Final = Kind("a GUID", _guid)
