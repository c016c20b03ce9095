"""The contract of searches, for the journal in a file and the one in a table."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.journal.location import TableStorage
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import TableJournal
from tests.contract.journal_search_contract import JournalSearchContract
from tests.contract.test_journal_table import no_credential
from tests.fakes import FakeClock


class TestSqliteSearch(JournalSearchContract):
    @pytest.fixture
    async def journal(self, tmp_path: Path) -> AsyncIterator[SqliteJournal]:
        journal = SqliteJournal(tmp_path / "journal.db")
        yield journal
        await journal.close()


class TestTableSearch(JournalSearchContract):
    @pytest.fixture
    async def journal(self, table: TableStorage) -> AsyncIterator[TableJournal]:
        journal = TableJournal(table, credential=no_credential, clock=FakeClock())
        yield journal
        await journal.close()
