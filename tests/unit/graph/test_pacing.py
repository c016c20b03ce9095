"""The last look before sending: no more than the quota in any window, nothing while the gate is closed."""

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest

from shared.domain.errors import GraphThrottled
from shared.graph import budget, pacing
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.graph.response import Response
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.virtual_time import VirtualClock

THROTTLED = Response(429, {"retry-after": "5"}, b"")
BUSY = Response(503, {"retry-after": "5"}, b"")
BROKEN = Response(503, {}, b"")
DONE = Response(204, {}, b"")


def gate() -> SharedPermits:
    return SharedPermits(InMemoryRecord(), clock=VirtualClock(), max_wait=timedelta(seconds=10))


def seconds() -> float:
    return asyncio.get_running_loop().time()


def test_a_write_beyond_the_quota_is_not_sent_and_told_when_it_may_be() -> None:
    async def main() -> None:
        pace = Pace(VirtualClock())
        for _ in range(5):
            await pace.begin(20, write=True)

        with pytest.raises(GraphThrottled, match="not sent") as raised:
            await pace.begin(1, write=True)

        assert raised.value.retry_after is not None
        assert 20 <= raised.value.retry_after.total_seconds() <= 21
        await pace.begin(20, write=False)

    virtual_time.run(main())


def test_a_write_that_is_a_moment_early_is_held_for_that_moment() -> None:
    async def main() -> None:
        pace = Pace(VirtualClock())
        for _ in range(5):
            await pace.begin(20, write=True)
        await asyncio.sleep(19.7)

        await pace.begin(20, write=True)

        assert 20 < seconds() < 20.5

    virtual_time.run(main())


def test_requests_of_any_kind_have_a_window_of_their_own() -> None:
    async def main() -> list[float]:
        pace, sent = Pace(VirtualClock()), []
        for _ in range(300):
            try:
                await pace.begin(20, write=False)
            except GraphThrottled as later:
                await asyncio.sleep(later.retry_after.total_seconds() if later.retry_after else 60)
            else:
                sent += [seconds()] * 20
        return sent

    sent = virtual_time.run(main())

    assert max(len([t for t in sent if end - 20 < t <= end]) for end in set(sent)) == pacing.REQUESTS


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("answer", [THROTTLED, BUSY], ids=["429", "503"])
def test_any_retry_after_closes_the_gate_for_everybody(answer: Response, write: bool) -> None:
    async def main() -> None:
        permits = gate()
        pace, other = Pace(VirtualClock(), permits), Pace(VirtualClock(), permits)

        await pace.end([DONE, answer, DONE], sent_at=VirtualClock().now(), write=write)

        with pytest.raises(GraphThrottled):
            await other.begin(1, write=True)
        await other.begin(1, write=False)
        assert seconds() == 5 + budget.REOPENING.total_seconds()

    virtual_time.run(main())


@pytest.mark.parametrize("write", [False, True])
def test_a_429_that_does_not_say_how_long_closes_the_gate_too(write: bool) -> None:
    async def main() -> None:
        pace = Pace(VirtualClock(), gate())

        await pace.end([Response(429, {}, b"")], sent_at=VirtualClock().now(), write=write)
        await pace.begin(1, write=False)

        assert seconds() == (budget.FIRST_CLOSURE + budget.REOPENING).total_seconds()

    virtual_time.run(main())


def test_a_failure_that_asks_nobody_to_wait_closes_nothing() -> None:
    async def main() -> None:
        pace = Pace(VirtualClock(), gate())

        await pace.end([BROKEN, DONE, ValueError()], sent_at=VirtualClock().now(), write=True)
        await pace.begin(20, write=True)

        assert seconds() == 0

    virtual_time.run(main())


def test_a_throttled_read_lowers_the_pace_of_requests_and_not_that_of_writes() -> None:
    async def main() -> None:
        permits = gate()
        pace = Pace(VirtualClock(), permits)
        permit = await permits.take(Booking())

        await pace.end([THROTTLED], sent_at=VirtualClock().now(), write=False)
        await asyncio.sleep(10)

        assert permits.valid(permit)
        sent = 0
        with suppress(GraphThrottled):
            while sent < 50:
                await pace.begin(20, write=False)
                sent += 1
        assert 40 <= sent < 50
        assert seconds() == 10

    virtual_time.run(main())


def test_reads_use_nothing_of_the_quota_of_writes() -> None:
    async def main() -> None:
        pace = Pace(VirtualClock(), gate())
        for _ in range(5):
            await pace.begin(20, write=False)

        for _ in range(5):
            await pace.begin(20, write=True)

        assert seconds() == 0

    virtual_time.run(main())


def test_a_throttled_write_leaves_the_pace_of_requests() -> None:
    async def main() -> None:
        pace = Pace(VirtualClock(), gate())
        await pace.end([THROTTLED], sent_at=VirtualClock().now(), write=True)
        await asyncio.sleep(10)

        for _ in range(50):
            await pace.begin(20, write=False)

        assert seconds() == 10

    virtual_time.run(main())


def test_an_answer_that_asks_nobody_to_wait_costs_no_storage_operation() -> None:
    async def main() -> None:
        record = InMemoryRecord()
        permits = SharedPermits(record, clock=VirtualClock(), max_wait=timedelta(seconds=10))

        await Pace(VirtualClock(), permits).end([DONE, BROKEN], sent_at=VirtualClock().now(), write=True)

        assert record.calls == []

    virtual_time.run(main())
