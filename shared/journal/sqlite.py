"""The journal in a SQLite file: the embedded default. Implements its ports for an event loop; sqlite_file does the work.

Knows threads, deadlines and which errors mean that the journal is out of reach. An append whose answer was lost, by timeout or
cancellation, may have been written: repeating it adds the entry twice, which readers tolerate, since entries are events and
the questions asked of a history (first, latest, whether any) have the same answer.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from shared import ports
from shared.domain.acts import Act
from shared.domain.errors import JournalUnavailable
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId, SerialNumber, UserPrincipalName
from shared.journal import rows
from shared.journal.sqlite_file import ACT, CONCLUSION, ENTRY, Key, SqliteFile, UnknownFile
from shared.journal.sqlite_scans import Named
from shared.messaging.conclusion import Conclusion

DEADLINE: Final = timedelta(seconds=15)
BUSY_TIMEOUT: Final = timedelta(seconds=5)
"""How long one call waits for a writer in another process; below the deadline, so that the thread is free again by then."""


class SqliteJournal:
    """A journal in `path`, shared with other processes of this machine; implements ports.Journal, JournalSearch, JournalCleaning.

    Opened at the first use and, after any failure, again at the next one.
    """

    def __init__(self, path: Path, *, deadline: timedelta = DEADLINE, busy_timeout: timedelta = BUSY_TIMEOUT) -> None:
        self._path = path
        self._deadline = deadline
        self._busy_timeout = busy_timeout
        self._file: SqliteFile | None = None  # touched by the one thread only
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="journal")

    async def read(self, event_id: EventId) -> ports.Record:
        """Everything on record about the event; see ports.Journal."""
        found = await self._in_thread(lambda file: file.read(event_id))
        with _readable():
            return ports.Record(
                History.of(rows.to_entry(text) for kind, text in found if kind == ENTRY),
                tuple(rows.to_conclusion(text) for kind, text in found if kind == CONCLUSION),
                tuple(rows.to_act(text) for kind, text in found if kind == ACT),
            )

    async def append(self, entry: Entry) -> None:
        """Add one entry; see ports.Journal. Harmless when repeated."""
        key = Key(entry.event_id, entry.run, entry.dry_run)
        await self._in_thread(lambda file: file.append(key, rows.from_entry(entry)))

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Write how a run ended unless that is on record; see ports.Journal."""
        key = Key(conclusion.event_id, conclusion.run, conclusion.dry_run, conclusion.fingerprint)
        content = rows.from_conclusion(conclusion)
        found = await self._in_thread(lambda file: file.write_once(key, CONCLUSION, content))
        with _readable():
            return rows.to_conclusion(found)

    async def note(self, act: Act) -> Act:
        """Write what an operator did unless that is on record; see ports.Journal."""
        key = Key(act.event_id, run=0, dry_run=False, fingerprint=f"{act.kind}-{act.act_id}")
        found = await self._in_thread(lambda file: file.write_once(key, ACT, rows.from_act(act)))
        with _readable():
            return rows.to_act(found)

    async def of_user(self, user: UserPrincipalName) -> Sequence[EventId]:
        """What has an entry that names the user; see journal_ports.JournalSearch."""
        return await self._naming(Named.USER, user)

    async def of_serial_number(self, serial_number: SerialNumber) -> Sequence[EventId]:
        """What has an entry about the device; see journal_ports.JournalSearch."""
        return await self._naming(Named.SERIAL_NUMBER, serial_number)

    async def of_ticket(self, ticket: str) -> Sequence[EventId]:
        """What has ended with this ticket; see journal_ports.JournalSearch."""
        return [EventId(each) for each in await self._in_thread(lambda file: file.events_of_ticket(ticket))]

    async def remove_older_than(self, moment: datetime, at_most: int) -> int:
        """Remove whole events; see journal_ports.JournalCleaning."""
        return await self._in_thread(lambda file: file.remove_older_than(moment, at_most))

    async def _naming(self, what: Named, name: str) -> Sequence[EventId]:
        return [EventId(each) for each in await self._in_thread(lambda file: file.events_naming(what, name))]

    async def close(self) -> None:
        """Close the file when the calls under way have ended; no longer than the deadline. The last call made."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await asyncio.get_running_loop().run_in_executor(self._thread, self._forget)
        except TimeoutError:
            raise JournalUnavailable("journal: not closed within its deadline") from None
        finally:
            self._thread.shutdown(wait=False)

    async def _in_thread[T](self, call: Callable[[SqliteFile], T]) -> T:
        """One call in the journal's thread. One that has not begun by the deadline never will; one that has, ends there."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await asyncio.get_running_loop().run_in_executor(self._thread, self._call, call)
        except TimeoutError:
            raise JournalUnavailable("journal: no answer within its deadline") from None

    def _call[T](self, call: Callable[[SqliteFile], T]) -> T:
        try:
            return call(self._current())
        except UnknownFile as error:
            self._forget()
            raise JournalUnavailable(f"journal: {error}") from error
        except (sqlite3.Error, OSError) as error:
            self._forget()
            raise JournalUnavailable(f"journal: {_name_of(error)}") from error

    def _current(self) -> SqliteFile:
        if self._file is not None and not self._file.is_current():
            self._forget()
        if self._file is None:
            self._file = SqliteFile(self._path, busy_timeout_seconds=self._busy_timeout.total_seconds())
        return self._file

    def _forget(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.close()


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except rows.UnreadableRow as error:
        raise JournalUnavailable(f"journal: {error}") from error


def _name_of(error: Exception) -> str:
    """The class, and SQLite's own constant if there is one; the text itself may quote anything."""
    constant = getattr(error, "sqlite_errorname", None)
    return type(error).__name__ if constant is None else f"{type(error).__name__} ({constant})"
