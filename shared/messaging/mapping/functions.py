"""The functions that expressions have beside JMESPath's own: application properties, and times as HR systems write them."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from jmespath import functions

ZONED: Final = frozenset({"timestamp", "end_of_day"})
"""Those whose second argument is a time zone."""

_ODATA: Final = re.compile(r"/Date\((-?\d{1,15})(?:[+-]\d{4})?\)/", re.ASCII)
_MILLISECONDS: Final = re.compile(r"\d{12,14}", re.ASCII)
_LEAST_MILLISECONDS: Final = 10**11
_LONGEST_TIME: Final = 64
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LARGEST_TEXT: Final = 1_000_000


class Functions(functions.Functions):
    """JMESPath's functions and ours. `properties` are the application properties of the message at hand."""

    def __init__(self, properties: Mapping[str, Any]) -> None:
        super().__init__()
        self._properties = properties

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """As the library does; but a text of megabytes is refused before it is made."""
        arguments = list(resolved_args)
        if function_name == "join":
            glue, parts = arguments  # as many as it takes: that was checked when the expression was read
            if isinstance(glue, str) and isinstance(parts, list):
                size = len(glue) * len(parts) + sum(len(part) for part in parts if isinstance(part, str))
                if size > _LARGEST_TEXT:
                    raise ValueError("the joined text would be too long")
        return super().call_function(function_name, arguments)

    @functions.signature({"types": ["string"]})
    def _func_property(self, name: str) -> Any:
        """The application property of that name, or null."""
        value = self._properties.get(name)
        return value.isoformat() if isinstance(value, datetime) else value

    @functions.signature({"types": ["string", "number", "null"]}, {"types": ["string"]})
    def _func_timestamp(self, value: Any, zone: str) -> str | None:
        """The moment as the contract wants it; `zone` is that of a time that is given without an offset."""
        return None if value is None else _moment(value, ZoneInfo(zone)).isoformat()

    @functions.signature({"types": ["string", "number", "null"]}, {"types": ["string"]})
    def _func_end_of_day(self, value: Any, zone: str) -> str | None:
        """The midnight, in `zone`, that ends the day named by the value: a last day of work counts to its end."""
        if value is None:
            return None
        following = _moment(value, ZoneInfo(zone)).date() + timedelta(days=1)
        return datetime(following.year, following.month, following.day, tzinfo=ZoneInfo(zone)).isoformat()


def _moment(value: str | float, zone: ZoneInfo) -> datetime:
    """ISO 8601 in its many spellings, OData's /Date(ms)/, or milliseconds since 1970. Raises ValueError and OverflowError."""
    if not isinstance(value, str):
        if value < _LEAST_MILLISECONDS:
            raise ValueError("a number that is no milliseconds since 1970")
        return _EPOCH + timedelta(milliseconds=value)
    text = value.strip()
    if len(text) > _LONGEST_TIME:
        raise ValueError("too long for a time")
    counted = _ODATA.fullmatch(text)
    if counted:
        return _EPOCH + timedelta(milliseconds=int(counted[1]))
    if _MILLISECONDS.fullmatch(text):
        return _EPOCH + timedelta(milliseconds=int(text))
    moment = datetime.fromisoformat(text)
    return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment
