"""Removing events while another process writes."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from shared.journal import sqlite_scans
from shared.journal.sqlite_file import Key, SqliteFile

OLD, YOUNG = '{"at":"2020-01-01T00:00:00+00:00"}', '{"at":"2026-01-01T00:00:00+00:00"}'
BOUND = datetime(2025, 1, 1, tzinfo=UTC)


def test_an_event_that_is_written_to_just_before_it_would_go_stays(tmp_path: Path) -> None:
    path = tmp_path / "journal.db"
    other = SqliteFile(path, busy_timeout_seconds=1)
    for event in ("in use", "old"):
        other.append(Key(event, 0, dry_run=False), OLD)

    class Interrupted(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            if sql.lstrip().startswith("DELETE"):
                other.append(Key("in use", 0, dry_run=False), YOUNG)
            return super().execute(sql, *values)

    with closing(sqlite3.connect(path, factory=Interrupted, autocommit=True)) as connection:
        assert sqlite_scans.remove_older_than(connection, BOUND, 10) == 1

    assert (len(other.read("in use")), len(other.read("old"))) == (2, 0)
    other.close()
