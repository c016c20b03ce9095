"""What may go wrong at a call to the outside. Knows the names of calls, no port and no invariant.

Every call of every port has a number, in the order of being made, and two sides: before it takes effect, and after. A fault is
a number, a side and a mode; its label says all three, and repeats it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self


class Side(StrEnum):
    """Whether the call has taken effect when it goes wrong."""

    BEFORE = "before"
    AFTER = "after"


class Mode(StrEnum):
    """How it goes wrong. The last two are answers of Graph's, which ask to wait: to the whole, to every second item of a batch."""

    ERROR = "error"
    HOLD = "hold"
    TIMEOUT = "timeout"
    KILL = "kill"
    THROTTLE = "throttle"
    PART = "part"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault at the call of that number."""

    call: int
    side: Side
    mode: Mode

    def __str__(self) -> str:
        return f"{self.call}-{self.side}-{self.mode}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """A fault from its label. Raises ValueError."""
        call, side, mode = text.split("-")
        return cls(int(call), Side(side), Mode(mode))


@dataclass(frozen=True, slots=True)
class Refusal:
    """What Graph answers in place of doing what it is asked. Not `whole`: to every second item of a batch."""

    status: int
    wait_seconds: float | None = None
    whole: bool = True


_ASKED_TO_WAIT: Final = 30.0
REFUSALS: Final = {
    Mode.THROTTLE: Refusal(429, _ASKED_TO_WAIT),
    Mode.PART: Refusal(429, _ASKED_TO_WAIT, whole=False),
}
_ANYWHERE: Final = tuple((side, mode) for side in Side for mode in Mode if mode not in REFUSALS)
READS: Final = (
    *("journal.read", "quota.read", "radius.read", "scan.read", "token"),
    *("graph.get", "graph.batch.get", "graph.scan", "graph.search", "graph.user"),
)
"""Calls that change nothing, so that one whose answer is lost is as good as one that was never made."""
CUT_OFF: Final = ("settle", "schedule", "publish")
"""Calls that a deadline of ours ends, whoever holds them: to be held before is to run into it."""


def kinds(call: str) -> tuple[tuple[Side, Mode], ...]:
    """What can go wrong at a call of that name."""
    if call.startswith("graph.batch"):
        return (*_ANYWHERE, (Side.BEFORE, Mode.THROTTLE), (Side.BEFORE, Mode.PART))
    if call.startswith(CUT_OFF):
        return tuple(kind for kind in _ANYWHERE if kind != (Side.BEFORE, Mode.HOLD))
    if call == "token":  # whoever holds it, another deadline ends it
        return tuple(kind for kind in _ANYWHERE if kind[1] is not Mode.HOLD)
    return (*_ANYWHERE, (Side.BEFORE, Mode.THROTTLE)) if call.startswith("graph.") else _ANYWHERE


type Choose = Callable[[int, str], Fault | None]
"""The fault for the call of that number and name, if any."""


def planned(*faults: Fault) -> Choose:
    """These faults and no others."""
    by_call = {fault.call: fault for fault in faults}
    return lambda number, _: by_call.get(number)
