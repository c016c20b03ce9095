"""The shared records in a SQLite file of their own, beside the journal. Implements ports.SharedRecords.

A row for each name, replaced by conditional writes. A power cut may undo the last of them, and leaves the file sound. Knows
nothing of what the texts say.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from shared.domain.errors import JournalUnavailable
from shared.journal import sqlite_opening
from shared.ports import RecordState, SharedRecord

DEADLINE: Final = timedelta(seconds=3)
BUSY_TIMEOUT: Final = timedelta(seconds=2)
"""Shorter than the deadline, so that the thread is free again by then."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS record (name TEXT PRIMARY KEY, version INTEGER NOT NULL, content TEXT NOT NULL) STRICT
"""
_READ: Final = "SELECT version, content FROM record WHERE name = ?"
_MAKE: Final = "INSERT INTO record (name, content, version) VALUES (?, ?, 1) ON CONFLICT DO NOTHING RETURNING version"
_REPLACE: Final = (
    "UPDATE record SET version = version + 1, content = ? WHERE name = ? AND version = ? RETURNING version"
)


def beside(journal: Path) -> Path:
    """Where the records of a journal in a file lie."""
    return journal.with_name(f"{journal.name}-records")


class SqliteRecords:
    """The records in `path`, shared with other processes of this machine. Opened at the first use, and anew after a failure."""

    def __init__(self, path: Path, *, deadline: timedelta = DEADLINE, busy_timeout: timedelta = BUSY_TIMEOUT) -> None:
        self._path = path
        self._deadline = deadline
        self._busy_timeout_seconds = busy_timeout.total_seconds()
        self._open: _Open | None = None  # touched by the one thread only
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="records")

    def record(self, name: str) -> SharedRecord:
        """The record of that name; see ports.SharedRecords."""
        return _Record(self, name)

    async def close(self) -> None:
        """Close the file, within the deadline. The last call made."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._forget)
        except TimeoutError:
            raise JournalUnavailable("records: not closed within their deadline") from None
        finally:
            self._thread.shutdown(wait=False)

    async def execute(self, statement: str, values: tuple[object, ...]) -> tuple[int, str] | tuple[int] | None:
        """The one row that a statement returns, or None. Raises JournalUnavailable, within the deadline."""

        def call() -> tuple[int, str] | tuple[int] | None:
            rows = self._current().execute(statement, values).fetchall()
            return rows[0] if rows else None

        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._call, call)
        except TimeoutError:
            raise JournalUnavailable("records: no answer within their deadline") from None

    def _call[T](self, call: Callable[[], T]) -> T:
        try:
            return call()
        except (sqlite3.Error, OSError) as error:
            self._forget()
            raise JournalUnavailable(f"records: {type(error).__name__}") from error

    def _current(self) -> sqlite3.Connection:
        if self._open is not None and sqlite_opening.identity(self._path) != self._open.identity:
            self._forget()
        if self._open is None:
            self._open = self._opened()
        return self._open.connection

    def _opened(self) -> "_Open":
        connection = sqlite_opening.connect(self._path, busy_timeout_seconds=self._busy_timeout_seconds)
        try:
            connection.execute(_TABLE)
            sqlite_opening.write_ahead(connection, busy_timeout_seconds=self._busy_timeout_seconds)
            connection.execute("PRAGMA synchronous = NORMAL")  # with write-ahead logging: no sync for each write
        except BaseException:
            connection.close()
            raise
        return _Open(connection, sqlite_opening.identity(self._path))

    def _forget(self) -> None:
        forgotten, self._open = self._open, None
        if forgotten is not None:
            forgotten.connection.close()


@dataclass(frozen=True, slots=True)
class _Open:
    """An open file, and what it was recognised by."""

    connection: sqlite3.Connection
    identity: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class _Record:
    """One row; implements ports.SharedRecord."""

    file: SqliteRecords
    name: str

    async def read(self) -> RecordState | None:
        """The record as it is; see ports.SharedRecord."""
        match await self.file.execute(_READ, (self.name,)):
            case (version, content):
                return RecordState(text=content, version=str(version))
            case _:
                return None

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Replace a version; see ports.SharedRecord."""
        if over is None:
            row = await self.file.execute(_MAKE, (self.name, text))
        else:
            row = await self.file.execute(_REPLACE, (text, self.name, int(over)))
        return None if row is None else str(row[0])
