"""The journal contract, for the adapter of Azure Table Storage, on Azurite; and what is the table's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NoReturn

import pytest

from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.journal.location import TableStorage
from shared.journal.table import TableJournal
from tests.contract.journal_contract import EVENT, NOON, JournalContract, a_conclusion, an_entry
from tests.fakes import FakeClock

type Open = Callable[..., TableJournal]


def no_credential() -> NoReturn:
    pytest.fail("Azurite is reached with its key")


@pytest.fixture
async def open_journal(table: TableStorage) -> AsyncIterator[Open]:
    """Opens a journal in the test's table, as another process would."""
    opened: list[TableJournal] = []

    def open_journal(now: datetime = NOON) -> TableJournal:
        opened.append(TableJournal(table, credential=no_credential, clock=FakeClock(now)))
        return opened[-1]

    yield open_journal
    for journal in opened:
        await journal.close()


class TestTableJournal(JournalContract):
    @pytest.fixture
    def journal(self, open_journal: Open) -> TableJournal:
        return open_journal()

    async def test_what_one_wrote_another_reads(self, open_journal: Open) -> None:
        writer, reader = open_journal(), open_journal()

        await writer.append(an_entry())
        await writer.conclude(a_conclusion())

        record = await reader.read(EVENT)
        assert record.history.entries == (an_entry(),)
        assert list(record.conclusions) == [a_conclusion()]

    async def test_of_processes_that_conclude_at_once_one_wins(self, open_journal: Open) -> None:
        journals = [open_journal() for _ in range(4)]

        answers = await asyncio.gather(*(each.conclude(a_conclusion(f"{n}")) for n, each in enumerate(journals)))

        assert len({answer.document for answer in answers}) == 1
        assert list((await journals[0].read(EVENT)).conclusions) == answers[:1]

    @pytest.mark.parametrize("behind", [timedelta(hours=1), timedelta(days=-1), timedelta(0)], ids=str)
    async def test_whoever_has_read_writes_after_it_though_clocks_differ(
        self, open_journal: Open, behind: timedelta
    ) -> None:
        first, second = open_journal(NOON), open_journal(NOON - behind)
        written = [replace(an_entry(Step.INTENT), attempt=attempt) for attempt in range(6)]

        for entry, journal in zip(written, (first, second) * 3, strict=True):
            await journal.read(EVENT)
            await journal.append(entry)

        assert list((await first.read(EVENT)).history.entries) == written

    async def test_a_clock_that_goes_back_does_not_disorder_what_one_writes(self, table: TableStorage) -> None:
        clock = FakeClock(NOON)
        journal = TableJournal(table, credential=no_credential, clock=clock)
        written = [replace(an_entry(Step.INTENT), attempt=attempt) for attempt in range(3)]

        for entry in written:
            await journal.append(entry)
            clock.advance(hours=-1)

        assert list((await journal.read(EVENT)).history.entries) == written
        await journal.close()

    async def test_a_conclusion_is_no_newer_for_being_concluded_again(self, open_journal: Open) -> None:
        journal, again = open_journal(), replace(a_conclusion(), run=1)

        for conclusion in (a_conclusion(), again, a_conclusion()):
            await journal.conclude(conclusion)

        assert list((await journal.read(EVENT)).conclusions) == [a_conclusion(), again]

    async def test_a_history_of_several_pages_is_read_whole(self, open_journal: Open) -> None:
        journal = open_journal()
        await journal.append(an_entry())

        for start in range(0, 1100, 50):
            attempts = range(start, start + 50)
            await asyncio.gather(*(journal.append(replace(an_entry(), attempt=attempt)) for attempt in attempts))

        assert len((await journal.read(EVENT)).history.entries) == 1101  # a page holds 1,000

    @pytest.mark.parametrize("devices", [100, 1000])
    async def test_the_outcome_of_very_many_devices_survives(self, open_journal: Open, devices: int) -> None:
        report = (
            '{"autopilotDeviceId":"%s","before":{"userPrincipalName":"zoë.äöü@contoso.com","groupTag":"ключ"}},' * 3
        )
        document = "".join(report % (n, n * n, n**3) for n in range(devices))
        journal = open_journal()

        await journal.conclude(a_conclusion(document))

        assert await journal.conclude(a_conclusion("late")) == a_conclusion(document)
        assert list((await journal.read(EVENT)).conclusions) == [a_conclusion(document)]

    @pytest.mark.parametrize("event_id", ["a" * 5000, "ä" * 900, "'' or PartitionKey ne '", "\0\x1f\x7f\x85", "%2F~2F"])
    async def test_any_event_id_will_do(self, open_journal: Open, event_id: str) -> None:
        journal, entry = open_journal(), an_entry(event_id=EventId(event_id))
        await journal.append(an_entry(event_id=EventId(event_id + "!")))

        await journal.append(entry)
        await journal.conclude(a_conclusion(event_id=EventId(event_id)))

        record = await journal.read(EventId(event_id))
        assert record.history.entries == (entry,)
        assert list(record.conclusions) == [a_conclusion(event_id=EventId(event_id))]

    async def test_the_table_is_made_by_whoever_comes_first_and_nobody_minds_the_others(
        self, open_journal: Open
    ) -> None:
        journals = [open_journal() for _ in range(5)]
        entries = [an_entry(device=AutopilotDeviceId(f"d{n}")) for n in range(5)]

        await asyncio.gather(*(journal.append(entry) for journal, entry in zip(journals, entries, strict=True)))

        assert len((await journals[0].read(EVENT)).history.entries) == 5
