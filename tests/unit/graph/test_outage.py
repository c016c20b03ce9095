"""Graph refuses everything for two hours, and does not say how long: few attempts meanwhile, and the full rate soon after."""

import asyncio
import heapq
import itertools
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from shared import ports
from shared.graph import budget
from shared.graph.budget import Refused
from shared.graph.permits import SharedPermits
from shared.messaging.slot import Slot
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.permit_helpers import now, permits, seconds

CALL_SECONDS = 0.3
CONCURRENCY = 32


@dataclass
class Site:
    """Messages that each want one write, the processes that serve them, and a Graph that refuses `kind` for `outage`."""

    processes: list[SharedPermits]
    kind: Refused
    outage: timedelta
    attempts: list[float] = field(default_factory=list)
    written: list[float] = field(default_factory=list)
    due: list[tuple[datetime, int, Slot | None]] = field(default_factory=list)
    numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def send(self, at: datetime, slot: Slot | None) -> None:
        heapq.heappush(self.due, (at, next(self.numbers), slot))

    async def run(self, *, until: timedelta) -> None:
        idle: asyncio.Queue[SharedPermits] = asyncio.Queue()
        for each in self.processes * CONCURRENCY:
            idle.put_nowait(each)
        async with asyncio.TaskGroup() as group:
            while seconds() < until.total_seconds():
                if self.due and self.due[0][0] <= now():
                    shared = await idle.get()
                    group.create_task(self.handle(shared, heapq.heappop(self.due)[2], idle))
                else:
                    await asyncio.sleep(0.2)

    async def handle(self, shared: SharedPermits, slot: Slot | None, idle: asyncio.Queue[SharedPermits]) -> None:
        booking = Booking(slot)
        try:
            await shared.open(booking, writes=True)
            await shared.take(booking)
        except ports.NoPermitYet as wait:
            self.send(wait.until, wait.slot)
        else:
            await self.post(shared)
        idle.put_nowait(shared)

    async def post(self, shared: SharedPermits) -> None:
        sent_at, second = now(), seconds()
        await asyncio.sleep(CALL_SECONDS)
        if second >= self.outage.total_seconds():
            self.written.append(second)
            return
        self.attempts.append(second)
        await shared.throttled(None, sent_at=sent_at, refused=self.kind)
        self.send(now() + timedelta(seconds=30), None)


@pytest.mark.parametrize(
    ("processes", "kind", "messages", "outage"),
    [
        pytest.param(1, Refused.WRITE, 5000, timedelta(hours=2), id="two hours, five thousand messages"),
        pytest.param(1, Refused.READ, 1000, timedelta(minutes=20), id="reads"),
        pytest.param(2, Refused.WRITE, 1000, timedelta(minutes=20), id="two processes"),
        pytest.param(2, Refused.READ, 1000, timedelta(minutes=20), id="reads of two processes"),
    ],
)
def test_while_nothing_gets_through_one_attempt_is_made_in_half_a_minute_and_then_the_rate_is_full_within_one(
    processes: int, kind: Refused, messages: int, outage: timedelta
) -> None:
    async def main() -> Site:
        record = InMemoryRecord(seconds=0.01)
        site = Site([permits(record) for _ in range(processes)], kind, outage)
        for _ in range(messages):
            site.send(now(), None)
        await site.run(until=outage + timedelta(seconds=90))
        return site

    site = virtual_time.run(main())

    at_first = [at for at in site.attempts if at < 120]
    later = [at for at in site.attempts if at >= 120]
    assert len(at_first) <= 200
    assert max(len([at for at in later if start <= at < start + 30]) for start in later) <= processes
    full_from = outage.total_seconds() + 60
    assert len([at for at in site.written if full_from <= at < full_from + budget.SPAN.total_seconds()]) >= 95
