"""Whether the journal can be read and written. Nothing is written, and no file or table is made."""

import asyncio
import os
from pathlib import Path
from typing import Final

from cli import signing_in
from cli.doctor import findings
from cli.doctor.findings import Finding
from shared.domain.errors import JournalUnavailable
from shared.domain.identifiers import EventId
from shared.journal import location
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import DEADLINE
from shared.settings.fields import Settings

_CHECK: Final = "journal"
_NO_EVENT: Final = EventId("offboard-doctor")


async def check(settings: Settings) -> Finding:
    """One line."""
    try:
        match location.parse(settings.journal_url):
            case location.SqliteFile(path):
                return await _file(path)
            case location.TableStorage() as where:
                return await _table(where)
    except JournalUnavailable as error:
        mend = "check JOURNAL_URL, and grant Storage Table Data Contributor to the identity if it is a table"
        return findings.fail(_CHECK, str(error), mend)


async def _file(path: Path) -> Finding:
    found = _looked_at(path)
    if found is not None:
        return found
    journal = SqliteJournal(path)
    try:
        await journal.read(_NO_EVENT)
    finally:
        await journal.close()
    return findings.ok(_CHECK, f"{path} can be read and written")


def _looked_at(path: Path) -> Finding | None:
    """What can be said without opening the file, which would make it."""
    if path.exists():
        if os.access(path, os.W_OK):
            return None
        return findings.fail(_CHECK, f"{path} cannot be written", "let us write to it, or change JOURNAL_URL")
    folder = next(each for each in path.absolute().parents if each.exists())
    if not (folder.is_dir() and os.access(folder, os.W_OK)):
        return findings.fail(_CHECK, f"{path} cannot be made", f"let us write to {folder}, or change JOURNAL_URL")
    if folder != path.absolute().parent:
        mend = "if the service has a journal already, mend JOURNAL_URL; else the first message makes folder and file"
        return findings.warn(_CHECK, f"the folder {path.parent} is not there, so there is no journal", mend)
    return findings.ok(_CHECK, f"{path} will be made at the first message")


async def _table(where: location.TableStorage) -> Finding:
    from shared.journal.table_connection import TableConnection

    connection = TableConnection(where, signing_in.signed_in)
    named = f"table {where.table} at {where.endpoint}"
    try:
        async with asyncio.timeout(DEADLINE.total_seconds()):
            if not await connection.exists():
                mend = "the first message makes it, if the identity may; else make it"
                return findings.warn(_CHECK, f"{named} is not there yet", mend)
            await connection.prove_writing()
    except TimeoutError:
        return _out_of_reach(f"{named}: no answer within its deadline")
    except JournalUnavailable as error:
        if getattr(error.__cause__, "status_code", None) is None:  # nobody answered, or there was no token to ask with
            return _out_of_reach(f"{named}: {error}")
        raise
    finally:
        await connection.close()
    return findings.ok(_CHECK, f"{named} can be read and written")


def _out_of_reach(text: str) -> Finding:
    return findings.fail(
        _CHECK, text, "check JOURNAL_URL, the sign-in, the network and the account's firewall", basic=True
    )
