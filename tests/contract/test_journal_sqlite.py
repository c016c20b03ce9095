"""The journal contract, for the SQLite adapter."""

import os
import sqlite3
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import EVENT, JournalContract, a_conclusion, an_entry


class TestSqliteJournal(JournalContract):
    @pytest.fixture
    async def journal(self, tmp_path: Path) -> AsyncIterator[SqliteJournal]:
        journal = SqliteJournal(tmp_path / "made" / "by itself" / "journal.db")
        yield journal
        await journal.close()

    async def test_what_one_wrote_another_reads(self, tmp_path: Path) -> None:
        writer, reader = SqliteJournal(tmp_path / "journal.db"), SqliteJournal(tmp_path / "journal.db")

        await reader.read(EVENT)
        await writer.append(an_entry())
        await writer.conclude(a_conclusion())

        record = await reader.read(EVENT)
        assert record.history.entries == (an_entry(),)
        assert list(record.conclusions) == [a_conclusion()]
        await writer.close()
        await reader.close()

    async def test_it_is_all_there_after_closing(self, tmp_path: Path) -> None:
        before = SqliteJournal(tmp_path / "journal.db")
        await before.append(an_entry())
        await before.close()

        after = SqliteJournal(tmp_path / "journal.db")

        assert (await after.read(EVENT)).history.entries == (an_entry(),)
        await after.close()

    async def test_nothing_is_opened_before_the_first_use(self, tmp_path: Path) -> None:
        journal = SqliteJournal(tmp_path / "journal.db")

        assert list(os.scandir(tmp_path)) == []
        await journal.close()

    async def test_only_its_owner_may_read_the_files(self, tmp_path: Path) -> None:
        journal = SqliteJournal(tmp_path / "journal.db")

        await journal.append(an_entry())

        modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in os.scandir(tmp_path)}
        assert modes == {"journal.db": 0o600, "journal.db-wal": 0o600, "journal.db-shm": 0o600}
        await journal.close()

    async def test_every_commit_is_synced_and_readers_do_not_wait_for_writers(self, tmp_path: Path) -> None:
        journal = SqliteJournal(tmp_path / "journal.db")
        await journal.append(an_entry())

        assert journal._file is not None
        assert journal._file._pragma("synchronous") == 2  # FULL
        assert journal._file._pragma("journal_mode") == "wal"
        await journal.close()

    async def test_a_file_that_another_is_just_making_is_waited_for(self, tmp_path: Path) -> None:
        path = tmp_path / "journal.db"
        journal = SqliteJournal(path, busy_timeout=timedelta(milliseconds=50))
        with closing(sqlite3.connect(path, autocommit=True)) as other:
            other.execute("CREATE TABLE t (a)")
            other.execute("BEGIN IMMEDIATE")

            with pytest.raises(JournalUnavailable, match="SQLITE_BUSY"):
                await journal.append(an_entry())
            other.execute("DROP TABLE t")
            other.execute("COMMIT")

        await journal.append(an_entry())
        assert (await journal.read(EVENT)).history.entries == (an_entry(),)
        await journal.close()
