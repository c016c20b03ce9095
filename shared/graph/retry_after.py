"""How long Graph asks to wait: the Retry-After header in all the forms that were seen. Pure; the time is passed in.

Seen besides whole seconds and dates: decimals ("2.128"), and one header sent twice, which HTTP clients fold to "10, 10".
Source: learn.microsoft.com/graph/throttling; RFC 9110, section 10.2.3
"""

import math
import re
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

LONGEST: Final = timedelta(days=1)
"""No wish to wait is taken for longer than this."""
_LONGEST_TEXT: Final = 1_000
_SECONDS: Final = re.compile(r"[0-9]+(\.[0-9]*)?")


def parse(text: str | None, *, now: datetime) -> timedelta | None:
    """The wait in whole seconds, rounded up, at most LONGEST; None if the text says nothing that can be understood.

    A date that has passed is no wait at all. Of several numbers the longest counts.
    """
    if text is None or len(text) > _LONGEST_TEXT:
        return None
    waits = [_number(part.strip()) for part in text.split(",")]
    known = [wait for wait in waits if wait is not None]
    if len(known) == len(waits):
        return max(known)
    return _date(text.strip(), now)


def _number(text: str) -> timedelta | None:
    return _whole_seconds(float(text)) if _SECONDS.fullmatch(text) else None


def _date(text: str, now: datetime) -> timedelta | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, OverflowError):  # the latter for a day or a zone of many digits
        return None
    if date.tzinfo is None:  # "-0000": the time is in UTC, the zone unknown
        date = date.replace(tzinfo=UTC)
    return _whole_seconds((date - now).total_seconds())


def _whole_seconds(seconds: float) -> timedelta:
    """Bounded before it is rounded: a number of a thousand digits is infinite as a float."""
    return timedelta(seconds=math.ceil(min(max(seconds, 0.0), LONGEST.total_seconds())))
