"""What tests of the permits share: virtual time, and callers who take what there is."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import ports
from shared.graph.permits import SharedPermits
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.virtual_time import VirtualClock

WINDOW = timedelta(seconds=20)


def permits(record: ports.SharedRecord | None = None, *, max_wait: float = 10) -> SharedPermits:
    return SharedPermits(record or InMemoryRecord(), clock=VirtualClock(), max_wait=timedelta(seconds=max_wait))


def in_virtual_time(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        virtual_time.run(test())

    run.__name__ = test.__name__
    return run


def now() -> datetime:
    return VirtualClock().now()


def seconds() -> float:
    return asyncio.get_running_loop().time()


async def use_up(shared: SharedPermits) -> None:
    """All that is there at once."""
    await asyncio.gather(*(shared.take(Booking()) for _ in range(100)))


async def put_off(shared: SharedPermits) -> ports.NoPermitYet:
    with pytest.raises(ports.NoPermitYet) as raised:
        await shared.take(Booking())
    return raised.value


async def outcome_of(shared: SharedPermits, count: int) -> list[ports.NoPermitYet]:
    """Of so many who ask at once, those who are to come back."""
    asked = await asyncio.gather(*(shared.take(Booking()) for _ in range(count)), return_exceptions=True)
    return [each for each in asked if isinstance(each, ports.NoPermitYet)]


def most_in_a_window(used: list[datetime]) -> int:
    return max(len([t for t in used if end - WINDOW < t <= end]) for end in set(used))
