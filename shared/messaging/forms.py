"""The forms of single values in the contract: what a name, an id, a time must look like. Patterns are published in the schemas."""

import re
from datetime import datetime
from typing import Annotated, Any, Final

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from shared.messaging.incoming import aware

DEVICE_ID: Final = r"^[0-9A-Za-z][0-9A-Za-z_.-]*$"
DEVICE_ID_MOST: Final = 128
_TIMESTAMP: Final = re.compile(r"\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d{1,9})?([Zz]|[+-]\d{2}:\d{2})")

_WRONG_TIME: Final = "timestamp"
"""The kind of the error, as `problems` knows it; there are its words too."""


def _timestamp(value: Any) -> Any:
    """RFC 3339 with an offset: a time without one would mean another moment to each reader."""
    if not isinstance(value, str) or not _TIMESTAMP.fullmatch(value):
        raise PydanticCustomError(_WRONG_TIME, _WRONG_TIME)
    try:
        return aware(datetime.fromisoformat(value.upper()))
    except (ValueError, OverflowError):
        raise PydanticCustomError(_WRONG_TIME, _WRONG_TIME) from None


def _text(pattern: str, most: int) -> Any:
    return Field(min_length=1, max_length=most, pattern=pattern)


type Timestamp = Annotated[datetime, BeforeValidator(_timestamp)]
type Guid = Annotated[str, _text(r"^[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}$", 36)]
type DeviceId = Annotated[str, _text(DEVICE_ID, DEVICE_ID_MOST)]
type Serial = Annotated[str, _text(r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", 128)]
type Upn = Annotated[str, _text(r"^[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+$", 256)]
type EventKey = Annotated[str, _text(r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", 128)]
type Name = Annotated[str, _text(r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$", 256)]
