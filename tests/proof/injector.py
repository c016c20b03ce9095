"""The one place where a call to the outside goes wrong, and the life of the process that makes it. Knows no port."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from tests.proof.faults import CUT_OFF, REFUSALS, Choose, Fault, Mode, Refusal, Side

_HELD_SECONDS: Final = 310.0
"""Longer than a lock: the message is with somebody else when the call goes on."""
_TIMEOUT_SECONDS: Final = 20.0
"""The deadline that every adapter keeps."""


class Life:
    """One life of a process: from its start until it is killed. What is dead calls nobody.

    `stalled`: it is to stand still, once a call that a deadline of ours would cut off is over. `held`: it stood still once.
    `hindered`: a try at Service Bus failed once. `trying`: how many are under way.
    """

    def __init__(self) -> None:
        self.alive = True
        self.stalled = False
        self.held = False
        self.hindered = False
        self.trying = 0
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
            await asyncio.sleep(_HELD_SECONDS)
        self.require()

    def require(self) -> None:
        """Nothing goes on in what is dead."""
        if not self.alive:
            raise asyncio.CancelledError


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
            met = self.weather(name) or (None if fault is None else REFUSALS.get(fault.mode))
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
            case Mode.HOLD if side is Side.AFTER and name.startswith(CUT_OFF):
                life.stalled = life.held = True
            case Mode.HOLD:
                life.held = True
                await asyncio.sleep(_HELD_SECONDS)
                life.require()
            case Mode.TIMEOUT:
                await asyncio.sleep(_TIMEOUT_SECONDS)
                life.require()
                raise error()
            case Mode.KILL:
                life.kill()
                raise asyncio.CancelledError
            case Mode.THROTTLE | Mode.PART:
                return  # it is answered, and not done
