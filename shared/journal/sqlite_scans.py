"""What is asked of all rows of the journal's SQLite file at once: who is named in them, and which events are old. SQL alone.

A row that is no JSON names nobody, and one without a time is never taken for old.
"""

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Final

from shared.domain.identifiers import folded
from shared.journal import rows


class Named(StrEnum):
    """What an entry can be found by, as the path to it in the row's JSON."""

    USER = "$.device.userPrincipalName"
    SERIAL_NUMBER = "$.device.serialNumber"


_EVENTS_NAMING: Final = """
SELECT event_id FROM journal
WHERE kind = 'entry' AND folded(CASE WHEN json_valid(content) THEN json_extract(content, ?) END) = ?
GROUP BY event_id
"""
_EVENTS_OF_A_TICKET: Final = """
SELECT event_id FROM journal WHERE kind = 'conclusion' AND folded(ticket(content)) = ? GROUP BY event_id
"""
_OLD: Final = """
GROUP BY event_id HAVING min(coalesce(julianday(
    CASE WHEN json_valid(content) AND json_type(content, '$.at') = 'text' THEN json_extract(content, '$.at') END
) < julianday(?), 0))
"""
_OLD_EVENTS: Final = f"SELECT event_id FROM journal {_OLD} LIMIT ?"  # noqa: S608 - constants
_REMOVE: Final = """
DELETE FROM journal WHERE event_id IN (SELECT event_id FROM journal WHERE event_id IN ({marks}) {old}) RETURNING event_id
"""


def prepare(connection: sqlite3.Connection) -> None:
    """Teach the connection how we compare names: SQLite folds ASCII alone. A blank one is like no other."""
    connection.create_function("folded", 1, lambda text: folded(text) or None if isinstance(text, str) else None)
    connection.create_function("ticket", 1, _ticket)


def events_naming(connection: sqlite3.Connection, what: Named, name: str) -> Sequence[str]:
    """The ids of what has an entry that names this, case aside."""
    return [event_id for (event_id,) in connection.execute(_EVENTS_NAMING, (what.value, folded(name)))]


def events_of_ticket(connection: sqlite3.Connection, ticket: str) -> Sequence[str]:
    """The ids of what has ended with this ticket, case aside."""
    return [event_id for (event_id,) in connection.execute(_EVENTS_OF_A_TICKET, (folded(ticket),))]


def _ticket(content: str) -> str | None:
    try:
        return rows.to_conclusion(content).ticket
    except rows.UnreadableRow:
        return None


def remove_older_than(connection: sqlite3.Connection, moment: datetime, at_most: int) -> int:
    """Remove all rows of events whose rows are all older; how many events.

    Looking does not hold up writers; what was found is looked at again in the one statement that removes it.
    """
    at = moment.isoformat()
    found = [event_id for (event_id,) in connection.execute(_OLD_EVENTS, (at, at_most))]
    if not found:
        return 0
    statement = _REMOVE.format(marks=",".join("?" * len(found)), old=_OLD)
    return len(set(connection.execute(statement, (*found, at)).fetchall()))
