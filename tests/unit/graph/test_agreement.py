"""The shared budget: what it costs to agree, what is not lost in a race, and what is kept while the record is out of reach."""

import asyncio

import pytest

from shared.graph.agreement import CAUTIOUS_SHARE
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.agreement_helpers import on_record, one_more, shared
from tests.unit.graph.permit_helpers import in_virtual_time, seconds


class Busy(InMemoryRecord):
    """Somebody else is quicker, for so many races."""

    def __init__(self, *, seconds: float = 0, races: int = 1000) -> None:
        super().__init__(seconds=seconds)
        self._races = races

    async def write(self, text: str, *, over: str | None) -> str | None:
        self._races -= 1
        if self._races < 0:
            return await super().write(text, over=over)
        await super().write(text, over=None if self.state is None else self.state.version)
        return None


@in_virtual_time
async def test_alone_each_change_but_the_first_is_one_storage_operation() -> None:
    record = InMemoryRecord()
    alone = shared(record)

    for _ in range(5):
        await alone.agree(one_more)

    assert record.calls == ["read", *["write"] * 5]
    assert on_record(record).epoch == 5


@in_virtual_time
async def test_in_turn_with_others_each_change_is_a_read_and_a_write_and_sees_theirs() -> None:
    record = InMemoryRecord()
    one, other = shared(record), shared(record)
    await one.agree(one_more)
    await other.agree(one_more)
    await one.agree(one_more)  # finds out that it is not alone
    record.calls.clear()

    results = [await each.agree(one_more) for each in (other, one, other, one)]

    assert results == [4, 5, 6, 7]
    assert record.calls == ["read", "write"] * 4


@in_virtual_time
async def test_who_races_at_the_same_moment_steps_aside_and_no_change_is_lost() -> None:
    record = InMemoryRecord(seconds=0.01)
    racing = [shared(record, jitter=number / 10) for number in range(10)]

    results = await asyncio.gather(*(each.agree(one_more) for each in racing))

    assert sorted(results) == list(range(1, 11))
    assert len(record.calls) <= 60


@in_virtual_time
async def test_who_finds_nobody_else_writing_looks_less_and_less_often_and_again_at_once_when_somebody_does() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    await here.agree(one_more)

    async def looks(during: float) -> int:
        before, end = len(record.calls), seconds() + during
        while seconds() < end:
            await here.look()
            await asyncio.sleep(0.5)
        return len(record.calls) - before

    assert await looks(600) <= 52
    await there.agree(one_more)
    alone_until = seconds()
    while here.known.epoch == 1:
        await looks(0.5)
    assert seconds() - alone_until <= 13
    await there.agree(one_more)
    await asyncio.sleep(6)
    await here.look()
    assert here.known.epoch == 3


@in_virtual_time
async def test_rule_11_whoever_loses_every_race_goes_on_alone_before_long() -> None:
    slow, quick = Busy(seconds=1), Busy()

    assert await shared(slow).agree(lambda known, ceiling: (known, ceiling)) == CAUTIOUS_SHARE
    assert seconds() <= 8
    begun = seconds()
    assert await shared(quick, jitter=0).agree(lambda known, ceiling: (known, ceiling)) == CAUTIOUS_SHARE
    assert seconds() == begun


@in_virtual_time
async def test_a_change_that_was_tried_for_as_long_as_patience_lasts_is_not_tried_again() -> None:
    record = Busy(seconds=0.5)

    await shared(record, jitter=0).agree(one_more)

    assert record.calls == ["read", "write"] * 5


@in_virtual_time
async def test_each_lost_race_makes_one_wait_a_little_longer() -> None:
    record = Busy(races=3)

    await shared(record, jitter=0.5).agree(one_more)

    assert record.calls == ["read", "write"] * 4
    assert seconds() == pytest.approx((1 + 2 + 3) * 0.1 * 0.5)


@in_virtual_time
async def test_who_writes_in_turn_with_others_goes_on_looking_every_six_seconds() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    for _ in range(8):
        await there.agree(one_more)
        await here.agree(one_more)
    await there.agree(one_more)
    await asyncio.sleep(6)

    await here.look()

    assert here.known.epoch == 17


@in_virtual_time
async def test_writing_much_in_a_moment_is_no_reason_to_look_less() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    for _ in range(10):
        await here.agree(one_more)
    await there.agree(one_more)
    await asyncio.sleep(6)

    await here.look()

    assert here.known.epoch == 11
