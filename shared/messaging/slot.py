"""The place under the rate limit that a message was put off to, as its copy carries it. Pure."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

_FORM: Final = re.compile(r"(\S{19,40}) ([1-9][0-9]{0,3}) ([0-9]{1,9})", re.ASCII)


@dataclass(frozen=True, slots=True)
class Slot:
    """`writes` that may be sent at `at` (UTC), as long as the quota's `epoch` lasts: each throttling begins a new one."""

    at: datetime
    writes: int
    epoch: int

    def __str__(self) -> str:
        return f"{self.at.isoformat()} {self.writes} {self.epoch}"


def parse(text: str | None) -> Slot | None:
    """The slot in a copy's property; None for what is none, as a sender may have made it up."""
    match = _FORM.fullmatch(text) if text else None
    if match is None:
        return None
    try:
        at = datetime.fromisoformat(match[1])
    except ValueError:
        return None
    return None if at.tzinfo is None else Slot(at, int(match[2]), int(match[3]))
