"""What every clean-up of a journal must do, as cases that each implementation's test class inherits."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Protocol

from shared import ports
from shared.domain.identifiers import EventId
from shared.journal_ports import JournalCleaning
from tests.contract.journal_contract import NOON, a_conclusion, an_act, an_entry

BOUND = NOON + timedelta(days=1)
YOUNG = BOUND + timedelta(seconds=1)


class Cleanable(ports.Journal, JournalCleaning, Protocol):
    """A journal that can be cleaned up."""


async def write(journal: ports.Journal, event: str, *moments: datetime) -> None:
    for moment in moments:
        await journal.append(replace(an_entry(event_id=EventId(event)), at=moment))


async def left(journal: ports.Journal, *events: str) -> list[str]:
    return [event for event in events if await journal.read(EventId(event)) != ports.Record()]


class JournalCleaningContract:
    """Inherit it and give a fixture `journal`, whose rows are as old as they say."""

    async def test_there_is_nothing_to_remove_from_an_empty_journal(self, journal: Cleanable) -> None:
        assert await journal.remove_older_than(BOUND, 10) == 0

    async def test_old_events_go_with_all_their_rows_and_young_ones_stay(self, journal: Cleanable) -> None:
        await write(journal, "old", NOON, NOON)
        await journal.conclude(a_conclusion(event_id=EventId("old")))
        await journal.note(replace(an_act(), event_id=EventId("old")))
        await write(journal, "device:d1", NOON)
        await write(journal, "young", YOUNG)

        assert await journal.remove_older_than(BOUND, 10) == 2

        assert await left(journal, "old", "device:d1", "young") == ["young"]
        assert await journal.remove_older_than(BOUND, 10) == 0

    async def test_an_event_with_one_younger_row_keeps_all(self, journal: Cleanable) -> None:
        await write(journal, "still in use", NOON, YOUNG)
        await write(journal, "concluded late", NOON)
        await journal.conclude(replace(a_conclusion(event_id=EventId("concluded late")), at=YOUNG))
        await write(journal, "undone late", NOON)
        await journal.note(replace(an_act(), event_id=EventId("undone late"), at=YOUNG))

        assert await journal.remove_older_than(BOUND, 10) == 0

        assert len((await journal.read(EventId("still in use"))).history.entries) == 2
        assert len(await left(journal, "concluded late", "undone late")) == 2

    async def test_what_was_written_at_the_very_moment_stays(self, journal: Cleanable) -> None:
        await write(journal, "just so", BOUND)

        assert await journal.remove_older_than(BOUND, 10) == 0
        assert await journal.remove_older_than(BOUND + timedelta(seconds=1), 10) == 1

    async def test_no_more_are_removed_at_a_time_than_was_said(self, journal: Cleanable) -> None:
        events = [f"event {number}" for number in range(5)]
        for event in events:
            await write(journal, event, NOON, NOON)

        assert [await journal.remove_older_than(BOUND, 2) for _ in range(4)] == [2, 2, 1, 0]

        assert await left(journal, *events) == []

    async def test_what_was_removed_can_be_written_anew(self, journal: Cleanable) -> None:
        await journal.conclude(a_conclusion("before"))
        await journal.remove_older_than(BOUND, 10)

        again = a_conclusion("after")

        assert await journal.conclude(again) == again
