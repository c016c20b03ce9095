"""The contract of clean-ups, for the journal in a file and the one in a table; and what is each one's own."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from shared.domain.acts import Act
from shared.domain.history import Entry
from shared.domain.identifiers import EventId
from shared.journal.location import TableStorage
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import TableJournal
from shared.messaging.conclusion import Conclusion
from tests.contract.journal_cleaning_contract import BOUND, JournalCleaningContract, left, write
from tests.contract.journal_contract import NOON, an_entry
from tests.contract.test_journal_table import no_credential
from tests.fakes import FakeClock


class TestSqliteCleaning(JournalCleaningContract):
    @pytest.fixture
    async def journal(self, tmp_path: Path) -> AsyncIterator[SqliteJournal]:
        journal = SqliteJournal(tmp_path / "journal.db")
        yield journal
        await journal.close()

    @pytest.mark.parametrize("content", ["not json", "{}", '{"at": 7}', '{"at": "soon"}'])
    async def test_a_row_that_cannot_be_read_keeps_its_event(self, tmp_path: Path, content: str) -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        await write(journal, "damaged", NOON)
        await write(journal, "old", NOON)
        with closing(sqlite3.connect(tmp_path / "journal.db", autocommit=True)) as other:
            columns = "(event_id, run, dry_run, kind, content) VALUES ('damaged', 0, 0, 'entry', ?)"
            other.execute(f"INSERT INTO journal {columns}", (content,))

        assert await journal.remove_older_than(BOUND, 10) == 1

        with closing(sqlite3.connect(tmp_path / "journal.db")) as other:
            assert other.execute("SELECT count(*) FROM journal").fetchone() == (2,)
        await journal.close()


class _AsOldAsItSays(TableJournal):
    """A row's age is the time of its writing, so each is written at the time that it bears."""

    def __init__(self, where: TableStorage, clock: FakeClock) -> None:
        super().__init__(where, credential=no_credential, clock=clock)
        self._of_rows, self._written = clock, 0

    async def append(self, entry: Entry) -> None:
        self._at(entry.at)
        await super().append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        self._at(conclusion.at)
        return await super().conclude(conclusion)

    async def note(self, act: Act) -> Act:
        self._at(act.at)
        return await super().note(act)

    def _at(self, moment: datetime) -> None:
        self._written += 1  # no two rows at the very same moment
        self._of_rows.at, self._latest = moment + timedelta(microseconds=self._written), 0


class TestTableCleaning(JournalCleaningContract):
    @pytest.fixture
    async def journal(self, table: TableStorage) -> AsyncIterator[TableJournal]:
        journal = _AsOldAsItSays(table, FakeClock(NOON))
        yield journal
        await journal.close()

    async def test_an_event_of_more_rows_than_a_page_or_a_transaction_has_goes_whole(
        self, journal: TableJournal
    ) -> None:
        entries = [replace(an_entry(event_id=EventId("long")), attempt=attempt) for attempt in range(1_010)]
        for start in range(0, len(entries), 50):
            await asyncio.gather(*(journal.append(entry) for entry in entries[start : start + 50]))
        await write(journal, "next", NOON)
        await write(journal, "young", BOUND)

        assert await journal.remove_older_than(BOUND, 10) == 2

        assert await left(journal, "long", "next", "young") == ["young"]

    async def test_rule_11_a_clean_up_stops_when_its_time_is_over(
        self, journal: TableJournal, table: TableStorage
    ) -> None:
        await write(journal, "old", NOON)
        hurried = TableJournal(table, credential=no_credential, clock=FakeClock(), cleaning=timedelta(0))

        assert await hurried.remove_older_than(BOUND, 10) == 0

        assert await left(journal, "old") == ["old"]
        await hurried.close()

    async def test_a_row_without_an_order_keeps_its_event(self, journal: TableJournal, table: TableStorage) -> None:
        await write(journal, "damaged", NOON)
        async with journal.one_call() as connection:
            (row,) = await connection.query("event-damaged")
            await connection.insert({"PartitionKey": row["PartitionKey"], "RowKey": "entry-x", "kind": "entry"})

        assert await journal.remove_older_than(BOUND, 10) == 0
