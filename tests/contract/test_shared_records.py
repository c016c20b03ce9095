"""The contract of the shared records, for those in memory and those in SQLite; and what is SQLite's own."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal import sqlite_records
from shared.journal.sqlite_records import SqliteRecords
from tests.contract.shared_record_contract import SharedRecordContract
from tests.fakes_records import InMemoryRecords


class TestInMemoryRecords(SharedRecordContract):
    @pytest.fixture
    def records(self) -> InMemoryRecords:
        return InMemoryRecords()


class TestSqliteRecords(SharedRecordContract):
    @pytest.fixture
    async def records(self, tmp_path: Path) -> AsyncIterator[SqliteRecords]:
        records = SqliteRecords(tmp_path / "made" / "by itself" / "journal.sqlite3-records")
        yield records
        await records.close()

    async def test_processes_share_them(self, tmp_path: Path) -> None:
        path = tmp_path / "records"
        here, there = SqliteRecords(path), SqliteRecords(path)
        one, other = here.record("quota"), there.record("quota")

        version = await one.write("one's", over=None)
        assert await other.write("other's", over=version) is not None

        state = await one.read()
        assert state is not None
        assert state.text == "other's"
        await here.close()
        await there.close()

    async def test_a_file_that_is_no_database_is_out_of_reach_and_left_as_it_is(self, tmp_path: Path) -> None:
        path = tmp_path / "records"
        path.write_text("somebody else's notes, long enough to be looked at as a database header would be " * 20)
        records = SqliteRecords(path)

        with pytest.raises(JournalUnavailable):
            await records.record("quota").read()
        with pytest.raises(JournalUnavailable):
            await records.record("quota").write("ours", over=None)

        assert path.read_text().startswith("somebody")
        await records.close()

    async def test_they_are_opened_anew_after_a_failure(self, tmp_path: Path) -> None:
        folder = tmp_path / "records"
        folder.mkdir()
        records = SqliteRecords(folder)
        with pytest.raises(JournalUnavailable):
            await records.record("quota").read()

        folder.rmdir()

        assert await records.record("quota").read() is None
        await records.close()

    async def test_a_file_that_was_removed_takes_no_writes_in_vain(self, tmp_path: Path) -> None:
        path = tmp_path / "records"
        here, there = SqliteRecords(path), SqliteRecords(path)
        await here.record("quota").write("before", over=None)

        for name in ("records", "records-wal", "records-shm"):
            (tmp_path / name).unlink()
        await here.record("quota").write("after", over=None)

        state = await there.record("quota").read()
        assert state is not None
        assert state.text == "after"
        await here.close()
        await there.close()

    async def test_rule_11_whoever_holds_the_file_is_not_waited_for_beyond_the_deadline(self, tmp_path: Path) -> None:
        path = tmp_path / "records"
        records = SqliteRecords(path, deadline=timedelta(seconds=0.5), busy_timeout=timedelta(seconds=0.2))
        await records.record("quota").write("before", over=None)
        holder = sqlite3.connect(path, autocommit=True)
        holder.execute("BEGIN IMMEDIATE")

        with pytest.raises(JournalUnavailable):
            await records.record("scan").write("during", over=None)
        holder.execute("COMMIT")
        holder.close()

        assert await records.record("scan").write("after", over=None) is not None
        await records.close()

    async def test_a_power_cut_leaves_the_file_sound(self, tmp_path: Path) -> None:
        """Only with a log that is written ahead does SQLite promise that without a sync for each write."""
        records = SqliteRecords(tmp_path / "records")
        await records.record("quota").write("one", over=None)

        connection = sqlite3.connect(tmp_path / "records")
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        connection.close()
        await records.close()

    async def test_only_the_owner_can_read_them(self, tmp_path: Path) -> None:
        records = SqliteRecords(tmp_path / "records")
        await records.record("quota").write("one", over=None)

        modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("records", "records-wal", "records-shm")]
        assert modes == [0o600] * 3
        await records.close()


def test_rule_11_a_call_ends_in_time_and_frees_its_thread_before() -> None:
    assert timedelta(0) < sqlite_records.BUSY_TIMEOUT < sqlite_records.DEADLINE <= timedelta(seconds=3)


def test_they_lie_beside_the_journal(tmp_path: Path) -> None:
    assert sqlite_records.beside(tmp_path / "journal.sqlite3") == tmp_path / "journal.sqlite3-records"
