"""Permits over the shared record: waiting, coming back, sharing, and going on alone."""

import asyncio
import random
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

import pytest

from shared import ports
from shared.graph import budget
from shared.graph.permits import HORIZON, LAPSES_AFTER, LONGEST_PUT_OFF, SharedPermits
from shared.messaging.slot import Slot
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


async def use_up(shared: SharedPermits) -> None:
    await asyncio.gather(*(shared.take(Booking()) for _ in range(100)))


async def put_off(shared: SharedPermits) -> ports.NoPermitYet:
    with pytest.raises(ports.NoPermitYet) as raised:
        await shared.take(Booking())
    return raised.value


async def outcome_of(shared: SharedPermits, count: int) -> list[ports.NoPermitYet]:
    """Of so many who ask at once, those who are to come back."""
    asked = await asyncio.gather(*(shared.take(Booking()) for _ in range(count)), return_exceptions=True)
    return [each for each in asked if isinstance(each, ports.NoPermitYet)]


@in_virtual_time
async def test_a_hundred_need_not_wait_and_cost_one_storage_operation_for_each_twenty() -> None:
    record = InMemoryRecord()
    shared = permits(record)

    await use_up(shared)

    assert now() == virtual_time.START
    assert len(record.calls) <= 6


@in_virtual_time
async def test_a_place_that_is_near_is_waited_for() -> None:
    shared = permits(max_wait=30)
    await use_up(shared)

    await shared.take(Booking())

    assert now() == virtual_time.START + budget.SPAN


@in_virtual_time
async def test_rule_11_a_place_that_is_far_is_reserved_and_the_message_comes_back_a_second_before() -> None:
    shared = permits()
    await use_up(shared)

    waits = [await put_off(shared) for _ in range(21)]

    slots = [wait.slot for wait in waits if wait.slot]
    assert [slot.at for slot in slots] == [virtual_time.START + budget.SPAN] * 20 + [
        virtual_time.START + budget.SPAN + budget.PACE
    ]
    assert waits[0].until == slots[0].at - timedelta(seconds=1)
    assert now() == virtual_time.START


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
async def test_a_slot_serves_as_many_writes_as_were_reserved() -> None:
    shared = permits()
    await use_up(shared)
    wait = await put_off(shared)
    assert wait.slot is not None
    for _ in range(20):
        await put_off(shared)
    await asyncio.sleep((wait.until - now()).total_seconds())
    booking = Booking(Slot(wait.slot.at, 2, wait.slot.epoch))

    permits_ = [await shared.take(booking) for _ in range(3)]

    assert [permit.at for permit in permits_[:2]] == [wait.slot.at] * 2
    assert permits_[2].at > wait.slot.at


@in_virtual_time
async def test_a_lapsed_slot_is_reserved_anew() -> None:
    record = InMemoryRecord()
    shared = permits(record)
    await asyncio.sleep(60)
    lapsed = Slot(now() - LAPSES_AFTER - timedelta(seconds=1), 1, 0)

    permit = await shared.take(Booking(lapsed))

    assert permit.at == now()
    assert record.calls == ["write"]


@in_virtual_time
async def test_a_slot_from_before_a_throttling_is_reserved_anew() -> None:
    record = InMemoryRecord()
    shared, elsewhere = permits(record), permits(record)
    await use_up(shared)
    wait = await put_off(shared)
    await asyncio.sleep(15)
    await elsewhere.throttled(timedelta(seconds=1), sent_at=now(), lower=True)
    await asyncio.sleep((wait.until - now()).total_seconds())

    permit = await shared.take(Booking(wait.slot))

    assert wait.slot is not None
    assert permit.epoch == wait.slot.epoch + 1


@in_virtual_time
async def test_a_permit_from_before_a_throttling_is_no_longer_valid() -> None:
    shared = permits()
    permit = await shared.take(Booking())
    assert shared.valid(permit)

    await shared.throttled(timedelta(seconds=5), sent_at=now(), lower=True)

    assert not shared.valid(permit)


@in_virtual_time
async def test_a_permit_that_is_given_back_is_there_for_the_next() -> None:
    shared = permits()
    await use_up(shared)
    waiting = [await put_off(shared) for _ in range(1)]
    assert waiting
    shared = permits()
    taken = await asyncio.gather(*(shared.take(Booking()) for _ in range(100)))

    shared.give_back(taken[-1])

    assert (await shared.take(Booking())).at == virtual_time.START


@in_virtual_time
async def test_the_gate_that_one_process_closes_is_closed_for_all_and_told_as_a_time_to_come_back() -> None:
    record = InMemoryRecord()
    shared, elsewhere = permits(record), permits(record)
    await elsewhere.take(Booking())
    await shared.throttled(timedelta(minutes=5), sent_at=now(), lower=True)

    wait = await put_off(elsewhere)
    with pytest.raises(ports.NoPermitYet) as reading:
        await elsewhere.open(Booking(), writes=False)

    closed_until = virtual_time.START + timedelta(minutes=5) + budget.REOPENING
    assert wait.slot is not None
    assert wait.slot.at >= closed_until
    assert (reading.value.until, reading.value.slot) == (closed_until, None)


@in_virtual_time
async def test_an_open_gate_costs_no_storage_operation() -> None:
    record = InMemoryRecord()

    await permits(record).open(Booking(), writes=True)

    assert record.calls == []


@in_virtual_time
async def test_a_gate_that_opens_soon_is_waited_for() -> None:
    shared = permits()
    await shared.throttled(timedelta(seconds=5), sent_at=now(), lower=True)

    await shared.open(Booking(), writes=True)

    assert now() == virtual_time.START + timedelta(seconds=5) + budget.REOPENING


@in_virtual_time
async def test_while_throttled_nobody_reserves_far_ahead_at_a_pace_that_will_change() -> None:
    shared = permits()
    for _ in range(8):
        await shared.throttled(timedelta(seconds=1), sent_at=now(), lower=True)
        await asyncio.sleep(6)

    waits = await outcome_of(shared, 200)

    latest = now() + timedelta(seconds=10) + LONGEST_PUT_OFF
    assert len(waits) > 100
    assert all(wait.until <= latest for wait in waits)
    assert {wait.slot for wait in waits} == {None}


@in_virtual_time
async def test_nobody_reserves_beyond_the_horizon_so_that_the_record_stays_small() -> None:
    record = InMemoryRecord()

    waits = await outcome_of(permits(record), 5000)

    assert max(wait.slot.at for wait in waits if wait.slot) <= virtual_time.START + HORIZON
    assert all(wait.until <= virtual_time.START + HORIZON + LONGEST_PUT_OFF for wait in waits)
    assert record.state is not None
    assert len(record.state.text) < 5000


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
