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


ASKED_TO_WAIT: Final = 30.0
_REFUSALS: Final = {
    Mode.THROTTLE: Refusal(429, ASKED_TO_WAIT),
    Mode.PART: Refusal(429, ASKED_TO_WAIT, whole=False),
}
_ANYWHERE: Final = tuple((side, mode) for side in Side for mode in Mode if mode not in _REFUSALS)


_CUT_OFF: Final = ("settle", "schedule", "publish")
"""Calls that a deadline of ours ends, whoever holds them: to be held before is to run into it."""


def kinds(call: str) -> tuple[tuple[Side, Mode], ...]:
    """What can go wrong at a call of that name."""
    if call.startswith("graph.batch"):
        return (*_ANYWHERE, (Side.BEFORE, Mode.THROTTLE), (Side.BEFORE, Mode.PART))
    if call.startswith(_CUT_OFF):
        return tuple(kind for kind in _ANYWHERE if kind != (Side.BEFORE, Mode.HOLD))
    if call == "token":  # whoever holds it, another deadline ends it
        return tuple(kind for kind in _ANYWHERE if kind[1] is not Mode.HOLD)
    return (*_ANYWHERE, (Side.BEFORE, Mode.THROTTLE)) if call.startswith("graph.") else _ANYWHERE


class Life:
    """One life of a process: from its start until it is killed. What is dead calls nobody.

    `stalled`: it is to stand still, once a call that a deadline of ours would cut off is over.
    """

    def __init__(self) -> None:
        self.alive = True
        self.stalled = False
        self.tasks: set[asyncio.Task[None]] = set()

    def kill(self) -> None:
        """End it as the platform would: nothing that it does from now on reaches anybody."""
        self.alive = False
        for task in self.tasks:
            task.cancel()

    async def stand_still(self) -> None:
        """Stand still if that is to be, until every lock has expired."""
        if self.stalled:
            self.stalled = False
            await asyncio.sleep(HELD_SECONDS)
        self.require()

    def require(self) -> None:
        """Nothing goes on in what is dead."""
        if not self.alive:
            raise asyncio.CancelledError


type Choose = Callable[[int, str], Fault | None]
"""The fault for the call of that number and name, if any."""


def planned(*faults: Fault) -> Choose:
    """These faults and no others."""
    by_call = {fault.call: fault for fault in faults}
    return lambda number, _: by_call.get(number)


type Latency = Callable[[Side], float]
"""How long a call takes before it takes effect, and then until its answer is there (seconds)."""


def quick(side: Side) -> float:
    """The same for all."""
    return 0.04 if side is Side.BEFORE else 0.0


type Weather = Callable[[str], Exception | Refusal | None]
"""What the call of that name meets: an error of its port, or an answer of Graph's that refuses it."""


def fair(name: str) -> None:
    """Nobody is out of reach."""


@dataclass(slots=True)
class Injector:
    """Makes every call, and lets it go wrong as `choose` says. `latency` is asked at each side of each call.

    `step` is told the name of each call that took effect. `weather` is the error of whoever is out of reach for a while.

    `trail` has the names of all calls, in order; the number of a call is its place in it. `follows` tells of each whether it was
    made by the process whose call was the one before, with that over and no other under way. `fired` has what went wrong.
    """

    choose: Choose
    latency: Latency
    step: Callable[[str], None]
    weather: Weather = fair
    trail: list[str] = field(default_factory=list)
    follows: list[bool] = field(default_factory=list)
    fired: list[Fault] = field(default_factory=list)
    _under_way: int = 0
    _latest: Life | None = None

    async def call[T](
        self,
        life: Life,
        name: str,
        effect: Callable[[], T],
        error: Callable[[], Exception],
        refused: Callable[[Refusal], T] | None = None,
    ) -> T:
        """Make one call for a process. `effect` is all that it does; `error` is what its port raises when it can't.

        `refused` is Graph's alone: what comes of the call where it is refused.
        """
        life.require()
        number = len(self.trail)
        self.trail.append(name)
        self.follows.append(self._latest is life and not self._under_way)
        self._latest = life
        self._under_way += 1
        fault = self.choose(number, name)
        try:
            await self._pass_time(Side.BEFORE)
            life.require()
            await self._may_fail(fault, Side.BEFORE, life, name, error)
            met = self.weather(name) or (None if fault is None else _REFUSALS.get(fault.mode))
            if isinstance(met, Exception):
                raise met
            result = effect() if met is None or refused is None else refused(met)
            self.step(name)
            await self._may_fail(fault, Side.AFTER, life, name, error)
            await self._pass_time(Side.AFTER)
            life.require()
            return result
        finally:
            self._under_way -= 1

    async def _pass_time(self, side: Side) -> None:
        if seconds := self.latency(side):
            await asyncio.sleep(seconds)

    async def _may_fail(
        self, fault: Fault | None, side: Side, life: Life, name: str, error: Callable[[], Exception]
    ) -> None:
        if fault is None or fault.side is not side:
            return
        self.fired.append(fault)
        match fault.mode:
            case Mode.ERROR:
                raise error()
            case Mode.HOLD if side is Side.AFTER and name.startswith(_CUT_OFF):
                life.stalled = True
            case Mode.HOLD:
                await asyncio.sleep(HELD_SECONDS)
                life.require()
            case Mode.TIMEOUT:
                await asyncio.sleep(TIMEOUT_SECONDS)
                life.require()
                raise error()
            case Mode.KILL:
                life.kill()
                raise asyncio.CancelledError
            case Mode.THROTTLE | Mode.PART:
                return  # it is answered, and not done
