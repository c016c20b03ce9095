import asyncio
import datetime as dt

import pytest

from devhost import errors, lock_renewal

START = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


class FakeClock:
    """Waits by moving its own time on."""

    def __init__(self) -> None:
        self.time = START

    def now(self) -> dt.datetime:
        return self.time

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        if not event.is_set():
            self.time += dt.timedelta(seconds=seconds)
        return event.is_set()


class Renewals:
    """Renews a lock for one minute at a time; the function is done after so many renewals."""

    def __init__(self, *, stop_after: int = 1000, failures: list[Exception] | None = None) -> None:
        self.clock = FakeClock()
        self.done = asyncio.Event()
        self.times: list[float] = []
        self._stop_after = stop_after
        self._failures = failures or []

    async def renew(self) -> dt.datetime:
        self.times.append((self.clock.time - START).total_seconds())
        if len(self.times) >= self._stop_after:
            self.done.set()
        if self._failures:
            raise self._failures.pop(0)
        return self.clock.time + MINUTE

    async def run(self, longest: dt.timedelta | None) -> None:
        await lock_renewal.keep_locked(
            self.renew,
            locked_until=START + MINUTE,
            longest=longest,
            done=self.done,
            clock=self.clock,
            message="m1",
        )


@pytest.mark.parametrize(
    ("remaining", "delay"),
    [
        pytest.param(60, 50, id="a minute: ten seconds before"),
        pytest.param(20, 10, id="at ten seconds both agree"),
        pytest.param(1, 0.5, id="a short lock: at half"),
        pytest.param(0, 0.05, id="over: at once"),
        pytest.param(-5, 0.05, id="long over: at once"),
    ],
)
def test_a_lock_is_renewed_well_before_its_end(remaining: float, delay: float) -> None:
    assert lock_renewal.renewal_delay(dt.timedelta(seconds=remaining)) == dt.timedelta(seconds=delay)


async def test_a_lock_is_renewed_again_and_again_until_the_function_is_done() -> None:
    renewals = Renewals(stop_after=3)

    await renewals.run(longest=None)

    assert renewals.times == [50, 100, 150]


async def test_no_lock_is_renewed_beyond_the_longest_duration() -> None:
    renewals = Renewals()

    await renewals.run(longest=dt.timedelta(minutes=2))

    assert renewals.times == [50, 100]


async def test_a_duration_of_zero_renews_nothing() -> None:
    renewals = Renewals()

    await renewals.run(longest=dt.timedelta(0))

    assert renewals.times == []


async def test_a_function_that_is_done_is_renewed_no_more() -> None:
    renewals = Renewals()
    renewals.done.set()

    await renewals.run(longest=None)

    assert renewals.times == []


async def test_a_lost_lock_ends_the_renewals() -> None:
    renewals = Renewals(failures=[errors.LockLost("gone")])

    await renewals.run(longest=None)

    assert renewals.times == [50]


async def test_a_lost_link_is_tried_again_while_the_lock_lasts() -> None:
    renewals = Renewals(failures=[errors.LinkLost("down")], stop_after=2)

    await renewals.run(longest=None)

    assert renewals.times == [50, 55]


async def test_a_lost_link_is_given_up_when_the_lock_has_ended() -> None:
    renewals = Renewals(failures=[errors.LinkLost("down") for _ in range(1000)])

    await renewals.run(longest=None)

    assert 60 <= renewals.times[-1] < 61
