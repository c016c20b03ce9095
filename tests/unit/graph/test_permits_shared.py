"""Permits over the record that processes share: its cost, races for it, a gate for all, and going on without it."""

import asyncio
import random
from datetime import datetime, timedelta

import pytest

from shared import ports
from shared.graph import budget, budget_text
from shared.graph.budget import Budget, Refused
from shared.graph.permits import SharedPermits
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.permit_helpers import WINDOW, in_virtual_time, now, permits, put_off, use_up


async def put_off_or_taken(shared: SharedPermits) -> object:
    """A place or a slot, or None if there is none to be had."""
    try:
        return await shared.take(Booking())
    except ports.NoPermitYet as wait:
        return wait.slot


@in_virtual_time
async def test_a_hundred_who_ask_at_once_need_not_wait_and_share_one_reservation() -> None:
    record = InMemoryRecord()
    shared = permits(record)

    await use_up(shared)

    assert now() == virtual_time.START
    assert record.calls == ["read", "write"]


@in_virtual_time
async def test_who_comes_back_with_a_slot_waits_for_it_and_reserves_nothing() -> None:
    record = InMemoryRecord()
    shared, elsewhere = permits(record), permits(record)
    await use_up(shared)
    wait = await put_off(shared)
    assert wait.slot is not None
    await asyncio.sleep((wait.until - now()).total_seconds())
    before = len(record.calls)

    await elsewhere.take(Booking(wait.slot))

    assert now() == wait.slot.at
    assert record.calls[before:] == ["read"]


@in_virtual_time
async def test_a_slot_from_before_a_throttling_is_reserved_anew() -> None:
    record = InMemoryRecord()
    shared, elsewhere = permits(record), permits(record)
    await use_up(shared)
    wait = await put_off(shared)
    await asyncio.sleep(15)
    await elsewhere.throttled(timedelta(seconds=1), sent_at=now(), refused=Refused.WRITE)
    await asyncio.sleep((wait.until - now()).total_seconds())

    permit = await shared.take(Booking(wait.slot))

    assert wait.slot is not None
    assert permit.epoch == wait.slot.epoch + 1


@in_virtual_time
async def test_a_process_that_only_reads_hears_of_the_gate_that_another_closed() -> None:
    record = InMemoryRecord()
    writing, reading = permits(record), permits(record)
    await reading.open(Booking(), writes=False)
    await writing.throttled(timedelta(minutes=5), sent_at=now(), refused=Refused.WRITE)
    await asyncio.sleep(12)

    with pytest.raises(ports.NoPermitYet) as wait:
        await reading.open(Booking(), writes=False)

    assert wait.value.until == writing.closed_until


@in_virtual_time
async def test_a_process_that_has_just_begun_hears_of_it_at_once() -> None:
    record = InMemoryRecord()
    writing = permits(record)
    await writing.throttled(timedelta(minutes=5), sent_at=now(), refused=Refused.WRITE)

    with pytest.raises(ports.NoPermitYet):
        await permits(record).open(Booking(), writes=False)


@in_virtual_time
async def test_looking_whether_the_gate_is_closed_costs_little() -> None:
    record = InMemoryRecord()
    reading = permits(record)

    for _ in range(600):
        await reading.open(Booking(), writes=False)
        await asyncio.sleep(0.1)

    assert len(record.calls) <= 7


@in_virtual_time
async def test_the_gate_that_one_process_closes_is_closed_for_all_and_told_as_a_time_to_come_back() -> None:
    record = InMemoryRecord()
    shared, elsewhere = permits(record), permits(record)
    await elsewhere.take(Booking())
    await shared.throttled(timedelta(minutes=5), sent_at=now(), refused=Refused.WRITE)

    wait = await put_off(elsewhere)
    with pytest.raises(ports.NoPermitYet) as reading:
        await elsewhere.open(Booking(), writes=False)

    closed_until = virtual_time.START + timedelta(minutes=5) + budget.REOPENING
    assert wait.slot is not None
    assert wait.slot.at >= closed_until
    assert (reading.value.until, reading.value.slot) == (closed_until, None)


@in_virtual_time
async def test_without_the_record_a_process_goes_on_with_a_cautious_share() -> None:
    record = InMemoryRecord(seconds=3)
    record.broken = True
    shared = permits(record, max_wait=1000)

    taken = await asyncio.gather(*(shared.take(Booking()) for _ in range(100)))

    times = [permit.at for permit in taken]
    busiest = max(len([t for t in times if end - WINDOW < t <= end]) for end in times)
    assert busiest <= 25
    assert len(record.calls) <= 20


@in_virtual_time
async def test_the_record_is_used_again_when_it_is_back() -> None:
    record = InMemoryRecord()
    shared = permits(record)
    record.broken = True
    await shared.take(Booking())
    record.broken = False
    await asyncio.sleep(10)

    await shared.take(Booking())

    assert record.state is not None


@in_virtual_time
async def test_who_is_cancelled_while_reserving_blocks_nobody() -> None:
    shared = permits(InMemoryRecord(seconds=1))
    gone = asyncio.create_task(shared.take(Booking()))
    stays = asyncio.create_task(shared.take(Booking()))
    await asyncio.sleep(0.5)

    gone.cancel()

    assert (await stays).epoch == 0


@in_virtual_time
async def test_who_will_be_put_off_shares_one_reservation_with_those_who_come_soon_after() -> None:
    record = InMemoryRecord()
    shared = permits(record)
    await use_up(shared)
    record.calls.clear()

    asked = []
    for _ in range(30):
        asked.append(asyncio.create_task(put_off(shared)))
        await asyncio.sleep(0.003)
    slots = {(await each).slot for each in asked}

    assert record.calls == ["write"]
    assert len(slots) == 2


@in_virtual_time
async def test_before_anybody_is_sent_away_without_a_place_it_is_seen_whether_there_is_room_by_now() -> None:
    record = InMemoryRecord()
    lowered = Budget(level=0.5, refused_level=0.5, rises_from=now() + timedelta(hours=1))
    await record.write(budget_text.write(lowered), over=None)
    here = permits(record, max_wait=0)
    while (await put_off_or_taken(here)) is not None:
        pass
    assert record.state is not None
    await record.write(budget_text.write(Budget()), over=record.state.version)
    await asyncio.sleep(6)

    assert await put_off_or_taken(here) is not None


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("processes", [1, 4, 10])
def test_rule_7_twenty_racing_callers_never_use_more_than_the_quota_in_any_twenty_seconds(
    processes: int, seed: int
) -> None:
    chance = random.Random(seed)
    used: list[datetime] = []

    async def caller(shared: SharedPermits) -> None:
        booking = Booking()
        for _ in range(20):
            await asyncio.sleep(chance.uniform(0, 3))
            while True:
                try:
                    await shared.take(booking)
                except ports.NoPermitYet as wait:
                    await asyncio.sleep((wait.until - now()).total_seconds() + chance.uniform(0, 0.5))
                    booking = Booking(wait.slot)
                else:
                    break
            used.append(now())

    async def race() -> None:
        record = InMemoryRecord(seconds=0.05)
        sharing = [permits(record) for _ in range(processes)]
        await asyncio.gather(*(caller(sharing[number % processes]) for number in range(20)))

    virtual_time.run(race())

    used.sort()
    assert len(used) == 400
    assert max(len([t for t in used if end - WINDOW < t <= end]) for end in used) <= 100
