"""The journal's SQLite file: how it is made, opened, checked and written. Synchronous, for one thread at a time.

Knows SQL and files; nothing of event loops. One table holds all rows of an event, so that reading it is one statement and the
order of writing is the rows' own. A row is never changed; it is removed with all others of its event, when they are old.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from shared.journal import sqlite_opening, sqlite_scans
from shared.journal.sqlite_scans import Named

SCHEMA_VERSION: Final = 1
_APPLICATION_ID: Final = 0x4A4E4C31  # "JNL1": tells our files from other SQLite files

ENTRY: Final = "entry"
CONCLUSION: Final = "conclusion"
ACT: Final = "act"

# An entry has no fingerprint; SQL takes two NULLs for different, so the constraint binds what is written once alone.
_TABLE: Final = """
CREATE TABLE journal (
    sequence    INTEGER PRIMARY KEY AUTOINCREMENT,
    event_id    TEXT NOT NULL,
    run         INTEGER NOT NULL,
    dry_run     INTEGER NOT NULL,
    fingerprint TEXT,
    kind        TEXT NOT NULL,
    content     TEXT NOT NULL,
    UNIQUE (event_id, run, dry_run, fingerprint)
) STRICT
"""
_INSERT: Final = "INSERT INTO journal (event_id, run, dry_run, fingerprint, kind, content) VALUES (?, ?, ?, ?, ?, ?)"
_UNLESS_ON_RECORD: Final = " ON CONFLICT (event_id, run, dry_run, fingerprint) DO NOTHING"
_ON_RECORD: Final = "SELECT content FROM journal WHERE event_id = ? AND run = ? AND dry_run = ? AND fingerprint = ?"
_READ: Final = "SELECT kind, content FROM journal WHERE event_id = ? ORDER BY sequence"


class UnknownFile(Exception):
    """A file that is no journal of ours, or of a later version. Nothing was written to it."""


@dataclass(frozen=True, slots=True)
class Key:
    """What a row is found by, and what it is told apart by; entries have no fingerprint, and may be written again."""

    event_id: str
    run: int
    dry_run: bool
    fingerprint: str | None = None


class SqliteFile:
    """An open journal. Raises sqlite3.Error, OSError or UnknownFile from every method; close it then, and open anew."""

    def __init__(self, path: Path, *, busy_timeout_seconds: float) -> None:
        """Open the file, or make it and its folder. Waits as long as `busy_timeout_seconds` for another process."""
        self._path = path
        self._busy_timeout_seconds = busy_timeout_seconds
        # Statements are transactions of their own: none can be left open by a thread that stops waiting.
        self._connection = sqlite_opening.connect(path, busy_timeout_seconds=busy_timeout_seconds)
        try:
            self._prepare()
            sqlite_scans.prepare(self._connection)
            self._identity = sqlite_opening.identity(path)
        except BaseException:
            self._connection.close()
            raise

    def is_current(self) -> bool:
        """Whether the path still names the file that was opened."""
        return self._identity is not None and sqlite_opening.identity(self._path) == self._identity

    def append(self, key: Key, content: str) -> None:
        """Add an entry; durable on return."""
        self._connection.execute(_INSERT, (*_columns(key), ENTRY, content))

    def write_once(self, key: Key, kind: str, content: str) -> str:
        """Add a row unless one is on record; return the one that is. Durable on return, also if it was another's."""
        self._connection.execute(_INSERT + _UNLESS_ON_RECORD, (*_columns(key), kind, content))
        (found,) = self._connection.execute(_ON_RECORD, _columns(key)).fetchone()
        return str(found)

    def read(self, event_id: str) -> Sequence[tuple[str, str]]:
        """The rows of an event as kind and content, in the order of writing, as of one moment."""
        return self._connection.execute(_READ, (event_id,)).fetchall()

    def events_naming(self, what: Named, name: str) -> Sequence[str]:
        """The ids of what has an entry that names this; see sqlite_scans."""
        return sqlite_scans.events_naming(self._connection, what, name)

    def events_of_ticket(self, ticket: str) -> Sequence[str]:
        """The ids of what has ended with this ticket; see sqlite_scans."""
        return sqlite_scans.events_of_ticket(self._connection, ticket)

    def remove_older_than(self, moment: datetime, at_most: int) -> int:
        """Remove whole events; see sqlite_scans."""
        return sqlite_scans.remove_older_than(self._connection, moment, at_most)

    def close(self) -> None:
        """Close the file; what was written is safe already."""
        self._connection.close()

    def _prepare(self) -> None:
        sqlite_opening.write_ahead(self._connection, busy_timeout_seconds=self._busy_timeout_seconds)
        # FULL syncs at every commit: what returned survives a power cut, where NORMAL would lose the last commits.
        self._connection.execute("PRAGMA synchronous = FULL")
        if self._pragma("user_version") == 0:
            self._create()
        self._check()

    def _create(self) -> None:
        """Make the table, unless another process did so meanwhile or the file is somebody else's."""
        self._connection.execute("BEGIN IMMEDIATE")  # whatever fails from here closes the connection, which rolls back
        empty = self._connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
        if empty and self._pragma("user_version") == 0:
            self._connection.execute(_TABLE)
            self._connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
            self._connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        self._connection.execute("COMMIT")

    def _check(self) -> None:
        if self._pragma("application_id") != _APPLICATION_ID:
            raise UnknownFile("the file is a database, but not a journal of this service")
        version = self._pragma("user_version")
        if version != SCHEMA_VERSION:
            raise UnknownFile(
                f"the file has schema version {version}; this version of the service knows {SCHEMA_VERSION}"
            )

    def _pragma(self, name: str) -> int | str:
        (value,) = self._connection.execute(f"PRAGMA {name}").fetchone()
        return value if isinstance(value, int) else str(value)


def _columns(key: Key) -> tuple[str, int, int, str | None]:
    return key.event_id, key.run, int(key.dry_run), key.fingerprint
