import asyncio
import datetime as dt

from devhost.clock import SystemClock


def test_the_time_is_aware_and_utc() -> None:
    assert SystemClock().now().utcoffset() == dt.timedelta(0)


async def test_waiting_ends_with_the_event_or_with_the_time() -> None:
    event = asyncio.Event()

    before = await SystemClock().wait(event, 0.001)
    event.set()
    after = await SystemClock().wait(event, 60)

    assert (before, after) == (False, True)
