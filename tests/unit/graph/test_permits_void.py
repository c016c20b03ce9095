"""Permits and slots that a throttling makes void, and what is reserved in their place."""

import asyncio
from datetime import timedelta

import pytest

from shared import ports
from shared.graph import budget_text
from shared.graph.budget import Refused
from shared.messaging.slot import Slot
from shared.ports import Booking
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.permit_helpers import in_virtual_time, now, permits, use_up


@in_virtual_time
async def test_a_permit_is_not_valid_while_the_gate_is_closed_and_after_a_throttling_never_again() -> None:
    shared = permits()
    permit = await shared.take(Booking())
    await shared.throttled(timedelta(seconds=2), sent_at=now(), refused=Refused.BUSY)
    assert not shared.valid(permit)
    await asyncio.sleep(10)
    assert shared.valid(permit)

    await shared.throttled(timedelta(seconds=2), sent_at=now(), refused=Refused.WRITE)
    await asyncio.sleep(20)

    assert not shared.valid(permit)


@in_virtual_time
async def test_a_place_that_a_throttling_voids_while_it_is_waited_for_is_reserved_anew() -> None:
    shared = permits(max_wait=30)
    await use_up(shared)
    waiting = asyncio.create_task(shared.take(Booking()))
    await asyncio.sleep(15)

    await shared.throttled(timedelta(seconds=1), sent_at=now(), refused=Refused.WRITE)

    permit = await waiting
    assert (permit.epoch, shared.valid(permit)) == (1, True)


@in_virtual_time
async def test_a_slot_that_a_throttling_voids_while_it_is_waited_for_is_reserved_anew() -> None:
    shared = permits()
    slot = Slot(now() + timedelta(seconds=5), 1, 0)
    waiting = asyncio.create_task(shared.take(Booking(slot)))
    await asyncio.sleep(1)

    await shared.throttled(timedelta(seconds=1), sent_at=now(), refused=Refused.WRITE)

    assert (await waiting).epoch == 1


@in_virtual_time
async def test_rule_11_a_slot_that_its_message_comes_to_much_too_early_is_not_waited_for() -> None:
    shared = permits()

    permit = await shared.take(Booking(Slot(now() + timedelta(seconds=11), 1, 0)))

    assert permit.at == now() == virtual_time.START


@in_virtual_time
async def test_who_will_write_gets_a_slot_after_the_gate_opens() -> None:
    shared = permits()
    await shared.throttled(timedelta(minutes=1), sent_at=now(), refused=Refused.WRITE)

    with pytest.raises(ports.NoPermitYet) as raised:
        await shared.open(Booking(), writes=True)

    assert raised.value.slot is not None
    assert raised.value.slot.at == shared.closed_until


@in_virtual_time
async def test_who_asks_alone_reserves_for_nobody_else_even_after_a_crowd() -> None:
    record = InMemoryRecord()
    shared = permits(record)
    await asyncio.gather(*(shared.take(Booking()) for _ in range(30)))
    await asyncio.sleep(30)

    await shared.take(Booking())

    assert record.state is not None
    assert [grant.writes for grant in budget_text.read(record.state.text).grants] == [1]


def test_a_throttling_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        shared = permits()
        sent_at = now()
        for _ in range(3):
            await shared.throttled(timedelta(seconds=1), sent_at=sent_at, refused=Refused.WRITE)

    virtual_time.run(main())

    assert [entry.getMessage() for entry in caplog.records] == ["graph.throttled level=0.64"]
