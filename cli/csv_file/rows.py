"""From rows to events: each is checked as the service will check it, and what is wrong with any of them is told at once."""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from cli import events, exits, progress, words
from cli.csv_file import columns, reading
from cli.csv_file.columns import Columns
from cli.events import OutgoingEvent
from shared.domain import events as domain
from shared.domain.errors import InvalidMessage
from shared.domain.identifiers import folded
from shared.messaging import conclusion, contract

_LISTS: Final = frozenset({"user.previousUserPrincipalNames", "actions"})
_BETWEEN: Final = re.compile(r"[;,|\s]+")
_FLAGS: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_PATH: Final = re.compile(r"\$\.([A-Za-z.]+)(?:\[\d+\])?:")
_REWRITTEN: Final = re.compile(r"\d(?:[.,]\d+)?E[+-]?\d+", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class EventOfRow:
    """An event, and the number of the row that it is in."""

    number: int
    event: OutgoingEvent


@dataclass(frozen=True, slots=True)
class EventsOfFile:
    """All that a file holds; every event keeps the contract."""

    file: str
    columns: Columns
    rows: Sequence[EventOfRow]


def read(
    path: Path,
    *,
    chosen: Sequence[str],
    event_type: str | None,
    delimiter: str | None,
    fields: Mapping[str, Any],
    again: str = "",
    ignored: Sequence[str] = (),
    as_json: bool = False,
) -> EventsOfFile:
    """The events in a file, with `fields` of all of them beside. Ends the command with every problem, unless there is none.

    An event without an id gets one of what it is about, what it asks for and when: the same row has it in every file, wherever it
    stands, and `again` makes it another.
    """
    content = events.content_of(path, at_most=reading.MAX_BYTES)
    name = words.printable("standard input" if str(path) == "-" else path.name)
    sheet = reading.sheet(content, name, delimiter, columns.known)
    found = columns.assigned(sheet.header, chosen, event_type, name, ignored)
    given = {field: value for field, value in fields.items() if value is not None}
    if any(field not in contract.fields(found.event_type) for field in given):
        exits.refuse(events.FOR_DEVICES)
    for field in given.keys() & set(found.fields.values()):
        exits.refuse(
            f"an option and the column {words.printable(found.name_of(field) or '')} both give {field}: leave one out"
        )
    rows, problems = [], dict(sheet.problems)
    with progress.bar("checking", len(sheet.rows)) as advance:
        for row in sheet.rows:
            try:
                rows.append(EventOfRow(row.number, _event(found, row, given, again)))
            except InvalidMessage as error:
                problems[row.number] = _told(error, found)
            advance(1)
    reading.refuse_all(name, problems | dict(_repeats(rows)), as_json=as_json)
    return EventsOfFile(name, found, rows)


def _event(found: Columns, row: reading.Row, given: Mapping[str, Any], again: str) -> OutgoingEvent:
    data: dict[str, Any] = dict(given)
    for position, field in found.fields.items():
        cell = row.cells[position]
        if cell:
            *outer, last = field.split(".")
            place = data.setdefault(outer[0], {}) if outer else data
            place[last] = _value(field, cell)
    event = OutgoingEvent(found.event_type, data, str(data.get("eventId", "")))
    decoded = event.decoded()
    if event.event_id:
        return event
    event_id = _id(decoded, again)
    return OutgoingEvent(found.event_type, {**data, "eventId": event_id}, event_id)


def _id(event: domain.Event, again: str) -> str:
    digest = hashlib.sha256(f"{conclusion.fingerprint(event)}\0{again}".encode("utf-8", "surrogatepass")).hexdigest()
    return f"csv-{digest[:32]}"


def _value(field: str, cell: str) -> Any:
    if field in _LISTS:
        return [each for each in _BETWEEN.split(cell) if each]
    if field == "dryRun":
        flag = _FLAGS.get(cell.casefold())
        if flag is None:
            raise InvalidMessage(f"$.{field}", "must be true or false")
        return flag
    if field.startswith("device.") and (_REWRITTEN.fullmatch(cell) or cell.startswith("=")):
        raise InvalidMessage(
            f"$.{field}", "was rewritten by a spreadsheet: format the column as text, and fill it again"
        )
    return cell


def _told(error: InvalidMessage, found: Columns) -> str:
    """The problems, by their columns' names where there are any."""

    def named(path: re.Match[str]) -> str:
        column = found.name_of(path[1])
        return path[0] if column is None else f"{words.printable(column)}:"

    return _PATH.sub(named, str(error))


def _repeats(rows: Sequence[EventOfRow]) -> Iterator[tuple[int, str]]:
    """The same user, device or event id in two rows: one of them is a mistake, and nobody knows which."""
    seen: dict[tuple[str, str], int] = {}
    for row in rows:
        for kind, key in _keys(row.event.data):
            first = seen.setdefault((kind, key), row.number)
            if first != row.number:
                yield row.number, f"has the same {kind} as row {first}: keep one of them"
                break


def _keys(data: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    subject: Mapping[str, Any] = data.get("user") or data.get("device") or {}
    for name, value in subject.items():
        if isinstance(value, str):
            yield name, folded(value)
    yield "eventId", str(data["eventId"])
