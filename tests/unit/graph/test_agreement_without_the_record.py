"""The shared budget while its record is out of reach, is gone, or is being written: what is kept, and what is told."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from shared.graph.agreement import CAUTIOUS_SHARE
from shared.graph.budget import Budget
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.unit.graph.agreement_helpers import CLOSED, closed, on_record, one_more, shared
from tests.unit.graph.permit_helpers import in_virtual_time, now


def one_more_closing(known: Budget, *, number: int) -> Budget:
    """A digit for each announcement that reached the budget."""
    return replace(known, closings=known.closings + 10**number)


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


@pytest.mark.parametrize("written_before", [False, True])
def test_no_more_than_the_last_ten_announcements_are_kept_for_a_record_that_is_out_of_reach(
    *, written_before: bool
) -> None:
    async def main() -> int:
        record = InMemoryRecord()
        here, there = shared(record), shared(record)
        if written_before:
            await here.agree(one_more)
        await there.agree(one_more)
        record.broken = True
        for number in range(12):
            await here.announce(partial(one_more_closing, number=number))
        record.broken = False
        await asyncio.sleep(5)
        await here.agree(lambda known, _: (known, None))
        return on_record(record).closings

    assert virtual_time.run(main()) == sum(10**number for number in range(2, 12))


@in_virtual_time
async def test_a_record_out_of_reach_is_looked_at_again_after_five_seconds_and_not_before() -> None:
    record = InMemoryRecord()
    record.broken = True
    here = shared(record)
    await here.look()

    await asyncio.sleep(4.999)
    await here.look()
    assert record.calls == ["read"]
    await asyncio.sleep(0.001)
    await here.look()
    assert record.calls == ["read", "read"]


@in_virtual_time
async def test_what_was_announced_is_told_once() -> None:
    record = InMemoryRecord()
    here, there = shared(record), shared(record)
    await here.announce(closed)
    await there.agree(lambda known, _: (replace(known, closed_until=virtual_time.START), None))

    await here.agree(one_more)

    assert on_record(record).closed_until == virtual_time.START


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
