"""So many in any span of time: what lowers it, and what it remembers."""

import asyncio
from datetime import timedelta

from shared.graph import budget, pacing
from tests import virtual_time
from tests.virtual_time import VirtualClock


def test_what_was_sent_before_a_refusal_lowers_the_pace_of_requests_once() -> None:
    moment = VirtualClock()
    window = pacing.Window(100, timedelta(seconds=20))

    async def main() -> tuple[float, float]:
        sent_at = moment.now()
        await asyncio.sleep(1)
        window.lower(moment.now(), sent_at=sent_at)
        once = window.level(moment.now())
        window.lower(moment.now(), sent_at=sent_at)
        return once, window.level(moment.now())

    once, again = virtual_time.run(main())
    assert once == again == budget.FALL


def test_what_lies_longer_ago_than_the_span_is_forgotten() -> None:
    window, now = pacing.Window(100, timedelta(seconds=20)), virtual_time.START
    for second in range(100):
        window.wait(5, now + timedelta(seconds=second))
        window.take(5, now + timedelta(seconds=second))

    assert len(window._sent) <= 100
