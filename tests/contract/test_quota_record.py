"""The contract of the shared record, for the one in memory and the one in SQLite; and what is SQLite's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal import sqlite_quota
from shared.journal.sqlite_quota import SqliteQuotaRecord
from tests.contract.quota_record_contract import QuotaRecordContract
from tests.fakes_quota import InMemoryQuotaRecord


class TestInMemoryQuotaRecord(QuotaRecordContract):
    @pytest.fixture
    def record(self) -> InMemoryQuotaRecord:
        return InMemoryQuotaRecord()


class TestSqliteQuotaRecord(QuotaRecordContract):
    @pytest.fixture
    async def record(self, tmp_path: Path) -> AsyncIterator[SqliteQuotaRecord]:
        record = SqliteQuotaRecord(tmp_path / "made" / "by itself" / "journal.sqlite3-quota")
        yield record
        await record.close()

    async def test_processes_share_it(self, tmp_path: Path) -> None:
        one, other = SqliteQuotaRecord(tmp_path / "quota"), SqliteQuotaRecord(tmp_path / "quota")

        version = await one.write("one's", over=None)
        assert await other.write("other's", over=version) is not None

        state = await one.read()
        assert state is not None
        assert state.text == "other's"
        await one.close()
        await other.close()

    async def test_a_file_that_is_no_database_is_out_of_reach_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "quota"
        path.write_text("somebody else's notes, long enough to be looked at as a database header would be " * 20)
        record = SqliteQuotaRecord(path)

        with pytest.raises(JournalUnavailable):
            await record.read()
        with pytest.raises(JournalUnavailable):
            await record.write("ours", over=None)

        assert path.read_text().startswith("somebody")
        await record.close()

    async def test_it_is_opened_anew_after_a_failure(self, tmp_path: Path) -> None:
        folder = tmp_path / "quota"
        folder.mkdir()
        record = SqliteQuotaRecord(folder)
        with pytest.raises(JournalUnavailable):
            await record.read()

        folder.rmdir()

        assert await record.read() is None
        await record.close()


def test_it_lies_beside_the_journal(tmp_path: Path) -> None:
    assert sqlite_quota.beside(tmp_path / "journal.sqlite3") == tmp_path / "journal.sqlite3-quota"
