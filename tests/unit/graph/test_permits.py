"""Permits: waiting for a place, coming back to it, and not coming back all at once."""

import asyncio
from datetime import timedelta

from shared.graph import budget
from shared.graph.budget import Refused
from shared.graph.permits import LAPSES_AFTER
from shared.graph.turns import HORIZON, LONGEST_PUT_OFF
from shared.messaging.slot import Slot
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.permit_helpers import in_virtual_time, now, outcome_of, permits, put_off, use_up


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
    assert now() - virtual_time.START < timedelta(seconds=1)


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
    assert record.calls == ["read", "write"]


@in_virtual_time
async def test_a_permit_from_before_a_throttling_is_no_longer_valid() -> None:
    shared = permits()
    permit = await shared.take(Booking())
    assert shared.valid(permit)

    await shared.throttled(timedelta(seconds=5), sent_at=now(), refused=Refused.WRITE)

    assert not shared.valid(permit)


@in_virtual_time
async def test_a_permit_that_is_given_back_is_there_for_the_next() -> None:
    shared = permits()
    await use_up(shared)
    shared = permits()
    taken = await asyncio.gather(*(shared.take(Booking()) for _ in range(100)))

    shared.give_back(taken[-1])

    assert (await shared.take(Booking())).at == virtual_time.START


@in_virtual_time
async def test_an_open_gate_costs_one_look_for_all_who_ask() -> None:
    record = InMemoryRecord()
    shared = permits(record)

    await asyncio.gather(*(shared.open(Booking(), writes=True) for _ in range(100)))

    assert record.calls == ["read"]


@in_virtual_time
async def test_a_gate_that_opens_soon_is_waited_for() -> None:
    shared = permits()
    await shared.throttled(timedelta(seconds=5), sent_at=now(), refused=Refused.WRITE)

    await shared.open(Booking(), writes=True)

    assert now() == virtual_time.START + timedelta(seconds=5) + budget.REOPENING


@in_virtual_time
async def test_while_throttled_nobody_reserves_far_ahead_at_a_pace_that_will_change() -> None:
    shared = permits()
    for _ in range(8):
        await shared.throttled(timedelta(seconds=1), sent_at=now(), refused=Refused.WRITE)
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
