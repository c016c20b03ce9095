"""When the journal is cleaned up, by whom, and what becomes of failures."""

import asyncio
import logging
from datetime import datetime, timedelta

import pytest

from shared.cleaning import AT_MOST, CleanUp
from shared.domain.errors import JournalUnavailable
from shared.ports import RecordState
from tests import builders, fakes
from tests.fakes_records import InMemoryRecord
from tests.scene import Scene

YEAR = timedelta(days=365)


class FakeCleaning:
    """Removes what `found` says, one call after the other; an error is raised."""

    def __init__(self, *found: int | Exception) -> None:
        self.found = list(found)
        self.calls: list[tuple[datetime, int]] = []

    async def remove_older_than(self, moment: datetime, at_most: int) -> int:
        self.calls.append((moment, at_most))
        await asyncio.sleep(0)
        found = self.found.pop(0) if self.found else 0
        if isinstance(found, Exception):
            raise found
        return found


class Site:
    def __init__(self, *found: int | Exception) -> None:
        self.clock = fakes.FakeClock()
        self.record = InMemoryRecord()
        self.journal = FakeCleaning(*found)

    def process(self) -> CleanUp:
        return CleanUp(journal=self.journal, record=self.record, clock=self.clock, retention=YEAR)


async def test_what_is_older_than_the_retention_goes_a_bounded_number_at_a_time() -> None:
    site = Site()

    await site.process().if_due()

    assert site.journal.calls == [(fakes.NOW - YEAR, AT_MOST)]


async def test_once_a_day_over_all_processes() -> None:
    site = Site()
    processes = [site.process() for _ in range(5)]

    await asyncio.gather(*(each.if_due() for each in processes))
    site.clock.advance(hours=23, minutes=59)
    await asyncio.gather(*(each.if_due() for each in [*processes, site.process()]))
    assert len(site.journal.calls) == 1
    site.clock.advance(minutes=1)
    await asyncio.gather(*(each.if_due() for each in processes))

    assert len(site.journal.calls) == 2


async def test_where_something_was_removed_there_may_be_more_so_it_is_looked_again_soon() -> None:
    site = Site(AT_MOST, 3, 0)
    cleaning = site.process()

    for _ in range(5):
        await cleaning.if_due()
        site.clock.advance(minutes=10)

    assert len(site.journal.calls) == 3


async def test_the_record_is_not_read_while_it_is_known_not_to_be_time() -> None:
    site = Site()
    first, second = site.process(), site.process()
    await first.if_due()
    await second.if_due()
    site.record.calls.clear()

    for cleaning in (first, second):
        await cleaning.if_due()

    assert site.record.calls == []


@pytest.mark.parametrize(
    "text",
    ["", "tomorrow", "9999-12-31T23:59:59-23:00", "2199-01-01T00:00:00+00:00"],
    ids=["empty", "damaged", "beyond time", "far away"],
)
async def test_a_record_that_makes_no_sense_stops_nobody_for_good(text: str) -> None:
    site = Site()
    site.record.state = RecordState(text, "7")

    await site.process().if_due()

    assert len(site.journal.calls) == 1


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (JournalUnavailable("gone"), "error=JournalUnavailable text=gone"),
        (ValueError("adele@contoso.com"), "error=ValueError text="),
    ],
    ids=["out of reach", "a bug"],
)
async def test_a_failure_is_logged_harms_nobody_and_is_not_repeated_at_once(
    caplog: pytest.LogCaptureFixture, error: Exception, told: str
) -> None:
    site = Site(error)
    cleaning = site.process()

    with caplog.at_level(logging.WARNING):
        await cleaning.if_due()
        await cleaning.if_due()

    assert [record.getMessage() for record in caplog.records] == [f"journal.not_cleaned {told}"]
    assert len(site.journal.calls) == 1


async def test_without_the_shared_record_nothing_is_removed_and_it_is_not_asked_for_each_message() -> None:
    site = Site()
    site.record.broken = True
    cleaning = site.process()

    for _ in range(3):
        await cleaning.if_due()

    assert site.journal.calls == []
    assert len(site.record.calls) == 1


async def test_rule_11_it_comes_after_a_verification_is_settled_and_after_no_other_message() -> None:
    scene = Scene(builders.device())
    settled: list[int] = []

    async def clean_up() -> None:
        settled.append(len(scene.settlements))

    scene.clean_up = clean_up
    scene.processor = scene.another_process()
    await scene.offboard()
    assert settled == []
    await scene.look_again()

    assert settled == [len(scene.settlements)]
    assert len(scene.settlements) == 2
