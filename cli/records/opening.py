"""The settings, and the journal that they name, opened as whoever is signed in; and an event found in it by its own id."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, NamedTuple

from cli import exits
from cli.signing_in import signed_in
from shared import bootstrap, ports
from shared.domain import events
from shared.domain.acts import AT_A_TERMINAL
from shared.domain.errors import JournalUnavailable
from shared.domain.identifiers import EventId
from shared.journal import location
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import DEADLINE, TableJournal
from shared.settings import reading
from shared.settings.fields import Settings

_NO_EVENT: Final = EventId("offboard-looks")
EVENT_TYPES: Final = (events.UserOffboarded.TYPE, events.DeviceRetired.TYPE)


class Found(NamedTuple):
    """An event on record: `journal_id` is what the journal knows it by."""

    journal_id: EventId
    record: ports.Record


def settings() -> Settings:
    """The settings, those of Service Bus aside; ends the command with 2 if any is wrong."""
    try:
        return bootstrap.load_settings(reading.process_environment(), service_bus=False)
    except reading.SettingsError as error:
        exits.refuse(str(error))


@asynccontextmanager
async def journal(of: Settings) -> AsyncIterator[SqliteJournal | TableJournal]:
    """The journal, closed in the end; ends the command with 2 if it is out of reach, or a file that does not exist."""
    match location.parse(of.journal_url):
        case location.SqliteFile(path) if not path.exists():
            exits.refuse(f"JOURNAL_URL names {path}, which does not exist: give the journal that the service writes")
        case _:
            opened = bootstrap.build_journal(of, bootstrap.SystemClock(), signed_in)
    try:
        yield opened
    except JournalUnavailable as error:
        exits.refuse(f"{error}: check JOURNAL_URL and your rights (Storage Table Data Contributor), and try again")
    finally:
        await opened.close()


@dataclass(frozen=True, slots=True)
class NotThere:
    """No journal could be looked into, and why."""

    why: str


@asynccontextmanager
async def looked_into(of: Settings) -> AsyncIterator[SqliteJournal | TableJournal | NotThere]:
    """The journal, for who can do without; it answered just now. Makes no file and no table. Closed in the end."""
    opened = bootstrap.build_journal(of, bootstrap.SystemClock(), signed_in)
    try:
        yield await _absence(of, opened) or opened
    finally:
        await opened.close()


async def _absence(of: Settings, journal: SqliteJournal | TableJournal) -> NotThere | None:
    where = location.parse(of.journal_url)
    if isinstance(where, location.SqliteFile) and not where.path.exists():
        return NotThere(f"JOURNAL_URL names {where.path}, which does not exist")
    try:
        if isinstance(where, location.TableStorage) and not await _exists(where):
            return NotThere(f"JOURNAL_URL names table {where.table}, which does not exist")
        await journal.read(_NO_EVENT)
    except JournalUnavailable as error:
        return NotThere(str(error))
    return None


async def _exists(where: location.TableStorage) -> bool:
    from shared.journal.table_connection import TableConnection

    connection = TableConnection(where, signed_in)
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            return await connection.exists()
    except TimeoutError:
        raise JournalUnavailable("journal: no answer within its deadline") from None
    finally:
        await connection.close()


async def of_event(source: ports.Journal, event_id: str, event_type: str | None) -> Sequence[Found]:
    """What is on record under this event id, for each event type or for one. Raises JournalUnavailable.

    What was unassigned at a terminal has an id of its own, and no type.
    """
    ids = [EventId(f"{each}:{event_id}") for each in EVENT_TYPES if event_type in {None, each}]
    if event_id.startswith(AT_A_TERMINAL) and event_type is None:
        ids.append(EventId(event_id))
    found = [Found(each, await source.read(each)) for each in ids]
    return [each for each in found if each.record != ports.Record()]


def is_event(journal_id: EventId) -> bool:
    """Whether it is an event's; devices have histories of their own, which say when a record was seen clear."""
    return journal_id.startswith((AT_A_TERMINAL, *(f"{each}:" for each in EVENT_TYPES)))


def named(journal_id: EventId) -> Mapping[str, str | None]:
    """The event's own id and its type, which what was done at a terminal has not."""
    if journal_id.startswith(AT_A_TERMINAL):
        return {"eventId": journal_id, "eventType": None}
    event_type, _, event_id = journal_id.partition(":")
    return {"eventId": event_id, "eventType": event_type}
