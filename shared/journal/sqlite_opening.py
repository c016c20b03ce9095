"""How a SQLite file that processes of this machine share is made, opened, and recognised. Knows no tables.

SQLite's shared memory does not work over a network: the file must lie on a local disk.
"""

import contextlib
import os
import sqlite3
import time
from pathlib import Path
from typing import Final

_POLL_SECONDS: Final = 0.02


def connect(path: Path, *, busy_timeout_seconds: float) -> sqlite3.Connection:
    """Open the file, or make it and its folder; each statement is a transaction of its own and waits so long for others.

    The file is made for its owner alone, since it may name people; SQLite gives its side files the same mode.
    Raises sqlite3.Error and OSError.
    """
    _make(path)
    return sqlite3.connect(path, timeout=busy_timeout_seconds, autocommit=True, check_same_thread=False)


def write_ahead(connection: sqlite3.Connection, *, busy_timeout_seconds: float) -> None:
    """Switch to write-ahead logging, which lets readers and a writer of several processes work side by side.

    For this one statement SQLite does not wait for other processes by itself.
    """
    give_up = time.monotonic() + busy_timeout_seconds
    while connection.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > give_up:
                raise
            time.sleep(_POLL_SECONDS)


def identity(path: Path) -> tuple[int, int] | None:
    """What tells this file from another that had its name, None if there is none: one that was removed takes writes in vain."""
    try:
        status = path.stat()
    except FileNotFoundError:
        return None
    return status.st_dev, status.st_ino


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)  # the name, too, must survive a power cut
        finally:
            os.close(folder)
