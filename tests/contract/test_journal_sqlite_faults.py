"""The SQLite journal when its file is out of reach: it says so, writes nothing by halves, and recovers by itself."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import EVENT, a_conclusion, an_entry


@pytest.fixture
async def journal(tmp_path: Path) -> AsyncIterator[SqliteJournal]:
    """In a folder of its own; waits hardly at all for others."""
    journal = SqliteJournal(tmp_path / "folder" / "journal.db", busy_timeout=timedelta(milliseconds=50))
    yield journal
    await journal.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "folder" / "journal.db"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another process is writing, and takes its time."""
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


def run(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path, autocommit=True)) as other:
        other.execute(statement)


async def test_a_path_that_cannot_be_written_is_reported_and_used_once_mended(
    journal: SqliteJournal, path: Path
) -> None:
    path.parent.write_text("a file where the folder should be")

    for call in (journal.append(an_entry()), journal.conclude(a_conclusion()), journal.read(EVENT)):
        with pytest.raises(JournalUnavailable, match=r"^journal: FileExistsError$"):
            await call
    path.parent.unlink()
    await journal.append(an_entry())

    assert (await journal.read(EVENT)).history.entries == (an_entry(),)


async def test_a_file_locked_by_another_is_reported_and_used_once_free(journal: SqliteJournal, path: Path) -> None:
    await journal.append(an_entry())

    with locked(path):
        with pytest.raises(JournalUnavailable, match=r"^journal: OperationalError \(SQLITE_BUSY\)$"):
            await journal.conclude(a_conclusion())
        assert list((await journal.read(EVENT)).conclusions) == []

    assert await journal.conclude(a_conclusion()) == a_conclusion()


@pytest.fixture
def letter(path: Path) -> Iterator[str]:
    """Lies where the journal should, and must be there afterwards."""
    text = "no database, but somebody's file" * 100
    path.parent.mkdir()
    path.write_text(text)
    yield text
    assert path.read_text() == text


async def test_what_is_no_database_is_reported_and_left_as_it_is(journal: SqliteJournal, letter: str) -> None:
    with pytest.raises(JournalUnavailable, match=r"^journal: DatabaseError \(SQLITE_NOTADB\)$"):
        await journal.append(an_entry())


async def test_somebody_elses_database_is_refused(journal: SqliteJournal, path: Path) -> None:
    path.parent.mkdir()
    run(path, "CREATE TABLE theirs (a)")

    with pytest.raises(JournalUnavailable, match="not a journal of this service"):
        await journal.append(an_entry())


async def test_a_journal_of_a_later_version_is_refused_until_this_version_can_read_it(
    journal: SqliteJournal, path: Path
) -> None:
    await journal.append(an_entry())
    run(path, "PRAGMA user_version = 2")
    later = SqliteJournal(path)

    with pytest.raises(JournalUnavailable, match="schema version 2; this version of the service knows 1"):
        await later.append(an_entry())
    run(path, "PRAGMA user_version = 1")

    assert (await later.read(EVENT)).history.entries == (an_entry(),)
    await later.close()


@pytest.mark.parametrize("damaged", ["{", "[]", "{}", '{"step":"x"}'])
async def test_a_row_that_cannot_be_read_is_reported_without_quoting_it(
    journal: SqliteJournal, path: Path, damaged: str
) -> None:
    await journal.append(an_entry())
    await journal.conclude(a_conclusion())

    run(path, f"UPDATE journal SET content = '{damaged}' WHERE kind = 'entry'")
    with pytest.raises(JournalUnavailable, match=r"^journal: an entry is damaged, or of a later version$"):
        await journal.read(EVENT)
    run(path, f"UPDATE journal SET content = '{damaged}' WHERE kind = 'conclusion'")
    with pytest.raises(JournalUnavailable, match=r"^journal: a conclusion is damaged, or of a later version$"):
        await journal.conclude(a_conclusion())


async def test_a_file_that_was_removed_gets_no_writes_in_vain(journal: SqliteJournal, path: Path) -> None:
    await journal.append(an_entry())
    for file in path.parent.iterdir():
        file.unlink()

    await journal.append(an_entry())

    with closing(sqlite3.connect(path)) as other:
        assert other.execute("SELECT count(*) FROM journal").fetchone() == (1,)


async def test_a_file_that_was_replaced_is_read_from_then_on(
    journal: SqliteJournal, path: Path, tmp_path: Path
) -> None:
    await journal.append(an_entry())
    restored = SqliteJournal(tmp_path / "restored.db")
    await restored.append(replace(an_entry(), attempt=9))
    await restored.close()
    for file in path.parent.iterdir():
        file.unlink()

    (tmp_path / "restored.db").rename(path)

    assert (await journal.read(EVENT)).history.entries == (replace(an_entry(), attempt=9),)


async def test_rule_11_a_call_ends_at_its_deadline_and_one_that_had_not_begun_is_never_made(path: Path) -> None:
    journal = SqliteJournal(path, deadline=timedelta(milliseconds=200), busy_timeout=timedelta(seconds=3))
    await journal.read(EVENT)

    with locked(path):
        calls = (journal.append(an_entry()), journal.append(replace(an_entry(), attempt=2)))
        results = await asyncio.gather(*calls, return_exceptions=True)

    assert [str(result) for result in results] == ["journal: no answer within its deadline"] * 2
    await _until_answered(journal)
    written = (await journal.read(EVENT)).history.entries
    assert all(entry.attempt == 1 for entry in written)  # the first had begun, so it may have been written
    await journal.close()


async def test_a_cancelled_call_leaves_the_journal_usable(journal: SqliteJournal, path: Path) -> None:
    await journal.read(EVENT)

    with locked(path):
        call = asyncio.create_task(journal.append(an_entry()))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
    await _until_answered(journal)
    await journal.append(replace(an_entry(), attempt=2))

    assert (await journal.read(EVENT)).history.entries[-1].attempt == 2


async def test_closing_waits_no_longer_than_the_deadline(path: Path) -> None:
    journal = SqliteJournal(path, deadline=timedelta(milliseconds=100), busy_timeout=timedelta(seconds=2))
    await journal.read(EVENT)

    with locked(path):
        with pytest.raises(JournalUnavailable):
            await journal.append(an_entry())
        with pytest.raises(JournalUnavailable, match="not closed within its deadline"):
            await journal.close()
    await asyncio.to_thread(journal._thread.shutdown, wait=True)
    journal._forget()


async def _until_answered(journal: SqliteJournal) -> None:
    for _ in range(50):
        try:
            await journal.read(EVENT)
        except JournalUnavailable:
            continue
        return
    pytest.fail("the journal did not recover")
