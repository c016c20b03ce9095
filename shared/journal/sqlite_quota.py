"""The shared record of the quota in a SQLite file of its own, beside the journal. Implements ports.SharedRecord.

One row, replaced by conditional writes; it is worth nothing after a few seconds, so no write is synced to the disk. Knows
nothing of what the text says.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Final

from shared.domain.errors import JournalUnavailable
from shared.ports import RecordState

DEADLINE: Final = timedelta(seconds=3)
BUSY_TIMEOUT: Final = timedelta(seconds=2)
"""Shorter than the deadline, so that the thread is free again by then."""
_TABLE: Final = """
CREATE TABLE IF NOT EXISTS quota (one INTEGER PRIMARY KEY CHECK (one = 1), version INTEGER NOT NULL, content TEXT NOT NULL) STRICT
"""
_READ: Final = "SELECT version, content FROM quota"
_MAKE: Final = "INSERT INTO quota (one, version, content) VALUES (1, 1, ?) ON CONFLICT DO NOTHING RETURNING version"
_REPLACE: Final = "UPDATE quota SET version = version + 1, content = ? WHERE version = ? RETURNING version"


def beside(journal: Path) -> Path:
    """Where the record of a journal in a file lies."""
    return journal.with_name(f"{journal.name}-quota")


class SqliteQuotaRecord:
    """The record in `path`, shared with other processes of this machine. Opened at the first use, and anew after a failure."""

    def __init__(self, path: Path, *, deadline: timedelta = DEADLINE, busy_timeout: timedelta = BUSY_TIMEOUT) -> None:
        self._path = path
        self._deadline = deadline
        self._busy_timeout = busy_timeout
        self._connection: sqlite3.Connection | None = None  # touched by the one thread only
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="quota")

    async def read(self) -> RecordState | None:
        """The record as it is; see ports.SharedRecord."""
        row = await self._in_thread(lambda connection: connection.execute(_READ).fetchone())
        return None if row is None else RecordState(text=row[1], version=str(row[0]))

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Replace a version; see ports.SharedRecord."""

        def write(connection: sqlite3.Connection) -> tuple[int] | None:
            statement, values = (_MAKE, (text,)) if over is None else (_REPLACE, (text, int(over)))
            rows: list[tuple[int]] = connection.execute(statement, values).fetchall()
            return rows[0] if rows else None

        row = await self._in_thread(write)
        return None if row is None else str(row[0])

    async def close(self) -> None:
        """Close the file. The last call made."""
        try:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._forget)
        finally:
            self._thread.shutdown(wait=False)

    async def _in_thread[T](self, call: Callable[[sqlite3.Connection], T]) -> T:
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._call, call)
        except TimeoutError:
            raise JournalUnavailable("quota: no answer within its deadline") from None

    def _call[T](self, call: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return call(self._current())
        except (sqlite3.Error, OSError) as error:
            self._forget()
            raise JournalUnavailable(f"quota: {type(error).__name__}") from error

    def _current(self) -> sqlite3.Connection:
        if self._connection is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            timeout = self._busy_timeout.total_seconds()
            connection = sqlite3.connect(self._path, timeout=timeout, autocommit=True, check_same_thread=False)
            try:
                connection.execute("PRAGMA synchronous = OFF")
                connection.execute(_TABLE)
            except BaseException:
                connection.close()
                raise
            self._connection = connection
        return self._connection

    def _forget(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()
