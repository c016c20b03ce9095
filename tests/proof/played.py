"""What came of a case, whatever it raised: its calls, and what did not hold. Knows neither scenarios nor schedules."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from tests import virtual_time
from tests.proof import limits
from tests.proof.faults import Fault
from tests.proof.world import World


@dataclass(frozen=True, slots=True)
class Played:
    """All calls in their order (see Injector), and what did not hold."""

    trail: Sequence[str] = ()
    follows: Sequence[bool] = ()
    fired: Sequence[Fault] = ()
    broken: Sequence[str] = ()
    seconds: float = 0.0


def play(
    begin: Callable[[], World], go_on: Callable[[World], Awaitable[None]], limit: float = limits.LONGEST_SECONDS
) -> Played:
    """Play one case: its beginning, and what follows. What it raises, and that it takes too long, is broken too."""
    made: list[World] = []

    async def case() -> Played:
        world = begin()
        made.append(world)
        try:
            await go_on(world)
        except Exception as error:  # noqa: BLE001 - whatever it is, the case's label repeats it
            _raised(world, error)
        return _of(world)

    try:
        with limits.limited(limit):
            return virtual_time.run(case())
    except (Exception, limits.TookTooLong) as error:  # noqa: BLE001 - as above
        if not made:
            return Played(broken=(_told(error),))
        _raised(made[0], error)
        return _of(made[0])


def _raised(world: World, error: BaseException) -> None:
    world.invariants.ledger.find(_told(error), False)


def _told(error: BaseException) -> str:
    return f"raised: {type(error).__name__}: {error}"


def _of(world: World) -> Played:
    injector, broken = world.outside.injector, world.invariants.ledger.broken
    return Played(injector.trail, injector.follows, injector.fired, tuple(broken), world.now)
