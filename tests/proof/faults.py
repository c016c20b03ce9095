"""What may go wrong at a call to the outside, and the one place where it does. Knows no port and no invariant.

Every call of every port has a number, in the order of being made, and two sides: before it takes effect, and after. A fault is
a number, a side and a mode; its label says all three, and repeats it.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Self

HELD_SECONDS: Final = 310.0
"""Longer than a lock: the message is with somebody else when the call goes on."""
TIMEOUT_SECONDS: Final = 20.0
"""The deadline that every adapter keeps."""


class Side(StrEnum):
    """Whether the call has taken effect when it goes wrong."""

    BEFORE = "before"
    AFTER = "after"


class Mode(StrEnum):
    """How it goes wrong."""

    ERROR = "error"
    HOLD = "hold"
    TIMEOUT = "timeout"
    KILL = "kill"


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


EVERY_KIND: Final = tuple((side, mode) for side in Side for mode in Mode)


class Life:
    """One life of a process: from its start until it is killed. What is dead calls nobody."""

    def __init__(self) -> None:
        self.alive = True
        self.tasks: set[asyncio.Task[None]] = set()

    def kill(self) -> None:
        """End it as the platform would: nothing that it does from now on reaches anybody."""
        self.alive = False
        for task in self.tasks:
            task.cancel()


type Choose = Callable[[int, str], Fault | None]
"""The fault for the call of that number and name, if any."""


def planned(*faults: Fault) -> Choose:
    """These faults and no others."""
    by_call = {fault.call: fault for fault in faults}
    return lambda number, _: by_call.get(number)


def fair(name: str) -> Exception | None:
    """Nobody is out of reach."""


@dataclass(slots=True)
class Injector:
    """Makes every call, and lets it go wrong as `choose` says. `latency` is drawn for each call (seconds).

    `step` is told the name of each call that took effect. `weather` is the error of whoever is out of reach for a while.

    `trail` has the names of all calls, in order; the number of a call is its place in it. `fired` has what went wrong.
    """

    choose: Choose
    latency: Callable[[], float]
    step: Callable[[str], None]
    weather: Callable[[str], Exception | None] = fair
    trail: list[str] = field(default_factory=list)
    fired: list[Fault] = field(default_factory=list)

    async def call[T](self, life: Life, name: str, effect: Callable[[], T], error: Callable[[], Exception]) -> T:
        """Make one call for a process. `effect` is all that it does; `error` is what its port raises when it can't."""
        _only(life)
        number = len(self.trail)
        self.trail.append(name)
        fault = self.choose(number, name)
        await asyncio.sleep(self.latency())
        _only(life)
        await self._may_fail(fault, Side.BEFORE, life, error)
        refused = self.weather(name)
        if refused is not None:
            raise refused
        result = effect()
        self.step(name)
        await self._may_fail(fault, Side.AFTER, life, error)
        await asyncio.sleep(self.latency())
        _only(life)
        return result

    async def _may_fail(self, fault: Fault | None, side: Side, life: Life, error: Callable[[], Exception]) -> None:
        if fault is None or fault.side is not side:
            return
        self.fired.append(fault)
        match fault.mode:
            case Mode.ERROR:
                raise error()
            case Mode.HOLD:
                await asyncio.sleep(HELD_SECONDS)
                _only(life)
            case Mode.TIMEOUT:
                await asyncio.sleep(TIMEOUT_SECONDS)
                _only(life)
                raise error()
            case Mode.KILL:
                life.kill()
                raise asyncio.CancelledError


def _only(life: Life) -> None:
    if not life.alive:
        raise asyncio.CancelledError
