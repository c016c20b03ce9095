"""The hour of BLAST_RADIUS_PER_HOUR at its edges: never more than the limit in any hour."""

import json
from datetime import datetime

import pytest

from shared.blast_radius import Allowance, BlastRadius
from shared.domain import errors
from shared.domain.errors import BlastRadiusExceeded, JournalUnavailable
from tests import builders
from tests.fakes import NOW, FakeClock
from tests.fakes_records import InMemoryRecord
from tests.scene import Scene


def at(second: int) -> datetime:
    return NOW.replace(second=second)


async def test_what_was_counted_at_the_end_of_a_minute_counts_for_a_whole_hour() -> None:
    clock = FakeClock(at(59))
    radius = BlastRadius(InMemoryRecord(), clock=clock, limit=5)
    await radius.reserve(5)

    clock.advance(minutes=59, seconds=59)
    with pytest.raises(BlastRadiusExceeded):
        await radius.reserve(1)
    clock.advance(seconds=62)
    await radius.reserve(1)


async def test_what_is_given_back_is_not_taken_from_what_others_did_meanwhile() -> None:
    clock, record = FakeClock(), InMemoryRecord()
    radius = BlastRadius(record, clock=clock, limit=5)
    unused = Allowance(radius, expected=3, released=False)
    await unused.take()
    clock.advance(minutes=5)
    await radius.reserve(2)

    await unused.give_back_unused()
    clock.advance(minutes=57)

    with pytest.raises(BlastRadiusExceeded):
        await radius.reserve(4)
    await radius.reserve(3)


async def test_what_is_given_back_an_hour_later_takes_nothing_from_others() -> None:
    clock, record = FakeClock(), InMemoryRecord()
    radius = BlastRadius(record, clock=clock, limit=5)
    unused = Allowance(radius, expected=3, released=False)
    await unused.take()
    clock.advance(hours=2)
    await radius.reserve(2)

    await unused.give_back_unused()

    state = await record.read()
    assert state is not None
    assert sum(json.loads(state.text).values()) == 2


async def test_a_record_with_a_negative_count_is_damaged() -> None:
    record = InMemoryRecord()
    await record.write('{"1":-1000000}', over=None)

    with pytest.raises(JournalUnavailable, match="damaged"):
        await BlastRadius(record, clock=FakeClock(), limit=1).reserve(1)


async def test_a_dry_run_is_counted_once_however_often_it_is_tried() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"), dry_run=True, blast_radius=2)
    scene.script.fail("graph.get", errors.GraphUnavailable("503"))
    await scene.offboard()
    scene.script.fail("graph.get", errors.GraphUnavailable("503"))
    await scene.deliver_the_copy()
    await scene.deliver_the_copy()

    assert scene.outcomes() == {"d1": "wouldUnassign", "d2": "wouldUnassign"}
    state = scene.records.record("dry").state
    assert state is not None
    assert sum(json.loads(state.text).values()) == 2
