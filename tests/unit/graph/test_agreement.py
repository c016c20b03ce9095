"""The shared budget: what it costs to agree, what is not lost in a race, and what is kept while the record is out of reach."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.graph import budget_text
from shared.graph.agreement import CAUTIOUS_SHARE, SharedBudget
from shared.graph.budget import Budget
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.permit_helpers import in_virtual_time, now, seconds
from tests.virtual_time import VirtualClock

CLOSED = virtual_time.START + timedelta(hours=1)


def shared(record: InMemoryRecord, *, jitter: float = 0.5) -> SharedBudget:
    return SharedBudget(record, clock=VirtualClock(), sleep=asyncio.sleep, jitter=lambda: jitter)


def one_more(known: Budget, _ceiling: float) -> tuple[Budget, int]:
    return replace(known, epoch=known.epoch + 1), known.epoch + 1


def closed(known: Budget) -> Budget:
    return replace(known, closed_until=CLOSED)


def on_record(record: InMemoryRecord) -> Budget:
    assert record.state is not None
    return budget_text.read(record.state.text)


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
async def test_without_the_record_the_share_is_a_cautious_one_and_the_record_is_left_alone_for_a_while() -> None:
    record = InMemoryRecord()
    record.broken = True
    alone = shared(record)

    ceilings = [await alone.agree(lambda known, ceiling: (known, ceiling)) for _ in range(3)]

    assert ceilings == [CAUTIOUS_SHARE] * 3
    assert record.calls == ["read"]
    record.broken = False
    await asyncio.sleep(5)
    assert await alone.agree(lambda known, ceiling: (known, ceiling)) == 1.0


@in_virtual_time
async def test_what_was_announced_while_the_record_was_out_of_reach_is_told_when_it_is_back() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    await there.agree(one_more)
    record.broken = True
    await here.announce(closed)
    record.broken = False
    await asyncio.sleep(5)

    await here.look()

    assert here.known.closed_until == CLOSED
    await here.agree(one_more)
    assert (on_record(record).closed_until, on_record(record).epoch) == (CLOSED, 2)


@in_virtual_time
async def test_what_is_announced_counts_here_at_once_whatever_is_under_way() -> None:
    record = InMemoryRecord(seconds=1)
    here = shared(record)
    changing = asyncio.create_task(here.agree(one_more))
    await asyncio.sleep(1.5)  # it is writing

    announcing = asyncio.create_task(here.announce(closed))
    await asyncio.sleep(0)
    assert here.known.closed_until == CLOSED
    await changing
    assert here.known.closed_until == CLOSED

    await announcing
    assert (on_record(record).closed_until, on_record(record).epoch) == (CLOSED, 1)


@in_virtual_time
async def test_what_was_announced_is_told_once() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    await here.announce(closed)
    await there.agree(lambda known, _: (replace(known, closed_until=virtual_time.START), None))

    await here.agree(one_more)

    assert on_record(record).closed_until == virtual_time.START


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

    assert await looks(600) <= 16
    await there.agree(one_more)
    await looks(61)
    assert here.known.epoch == 2
    await there.agree(one_more)
    await asyncio.sleep(2)
    await here.look()
    assert here.known.epoch == 3


@in_virtual_time
async def test_a_look_into_a_broken_record_changes_nothing() -> None:
    record = InMemoryRecord()
    here = shared(record)
    await here.agree(one_more)
    record.broken = True
    await asyncio.sleep(120)

    await here.look()
    await here.look()

    assert here.known.epoch == 1
    assert record.calls[-2:] == ["write", "read"]
    assert now() > virtual_time.START


@in_virtual_time
async def test_a_record_that_was_removed_is_made_anew_of_what_is_known() -> None:
    record = InMemoryRecord()
    here = shared(record)
    await here.agree(one_more)
    record.state = None

    await here.agree(one_more)

    assert on_record(record).epoch == 2


@in_virtual_time
async def test_rule_11_whoever_loses_every_race_goes_on_alone_before_long() -> None:
    class Busy(InMemoryRecord):
        """Somebody else is always quicker."""

        async def write(self, text: str, *, over: str | None) -> str | None:
            await super().write(text, over=None if self.state is None else self.state.version)
            return None

    slow, quick = Busy(seconds=1), Busy()

    assert await shared(slow).agree(lambda known, ceiling: (known, ceiling)) == CAUTIOUS_SHARE
    assert seconds() <= 8
    begun = seconds()
    assert await shared(quick, jitter=0).agree(lambda known, ceiling: (known, ceiling)) == CAUTIOUS_SHARE
    assert seconds() == begun


def test_an_outage_of_the_record_is_told_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        record = InMemoryRecord()
        here = shared(record)
        for broken in (False, True, True, False, False):
            record.broken = broken
            await here.agree(one_more)
            await asyncio.sleep(10)

    virtual_time.run(main())

    assert [entry.getMessage() for entry in caplog.records] == ["quota.record_out_of_reach", "quota.record_back"]
