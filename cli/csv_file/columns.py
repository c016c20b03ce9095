"""Which column of a CSV file holds which field of which event."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cli import exits, misspelt, words
from shared.domain import events
from shared.messaging import contract, strict_json

_SUBJECTS: Final = {events.UserOffboarded.TYPE: "user.", events.DeviceRetired.TYPE: "device."}
_ASKED_FOR: Final = "user.id"
"""Found by its whole name alone: a column `id` may number anything."""


@dataclass(frozen=True, slots=True)
class Columns:
    """The rows' event, the fields by their columns' positions, and the names of columns that are not read."""

    event_type: str
    fields: Mapping[int, str]
    header: Sequence[str]
    unread: Sequence[str]

    def name_of(self, field: str) -> str | None:
        """The column that holds a field, as the file names it."""
        return next((self.header[position] for position, held in self.fields.items() if held == field), None)

    def described(self) -> str:
        """For people: what is read as what, and what is not read."""
        read = ", ".join(
            f"{words.printable(self.header[position])} as {field}" for position, field in self.fields.items()
        )
        return f"reading {read}" + (
            f"; not reading {', '.join(map(words.printable, self.unread))}" if self.unread else ""
        )


def known(name: str) -> bool:
    """Whether a column of that name is found without being asked for."""
    return any(_found(name, event_type) for event_type in contract.MODELS)


def assigned(
    header: Sequence[str], chosen: Sequence[str], event_type: str | None, file: str, ignored: Sequence[str] = ()
) -> Columns:
    """Who is what: `chosen` says FIELD=COLUMN, `ignored` columns are not read, the rest is found by name.

    Ends the command if that leaves a doubt, such as a name that is nearly a field's.
    """
    asked = _asked(header, chosen, file)
    _refuse_misspelt(header, {*asked.values(), *_ignored(header, ignored, file)}, event_type, file)
    header_read = ["" if name in ignored else name for name in header]
    event_type = _event_type(header_read, asked, event_type, file)
    fields: dict[int, str] = {}
    for position, name in enumerate(header_read):
        field = next((field for field, column in asked.items() if column == name), None) or _found(name, event_type)
        if field is None or (field in asked and asked[field] != name):
            continue
        if field not in contract.fields(event_type):
            exits.refuse(f"--column gives {field}, which no {event_type} has")
        if field in fields.values():
            exits.refuse(
                f"{file} has several columns for {field}: rename one, or say which with --column {field}=COLUMN"
            )
        fields[position] = field
    if not any(field.startswith(_SUBJECTS[event_type]) for field in fields.values()):
        exits.refuse(
            f"{file} has no column that says whom or what an event is about: say which with --column FIELD=COLUMN"
        )
    unread = [name for position, name in enumerate(header) if position not in fields and name]
    return Columns(event_type, fields, header, unread)


def _asked(header: Sequence[str], chosen: Sequence[str], file: str) -> dict[str, str]:
    result: dict[str, str] = {}
    for each in chosen:
        given, equals, column = each.partition("=")
        field = _field(given)
        if not equals or field is None:
            names = dict.fromkeys(field for event_type in contract.MODELS for field in contract.fields(event_type))
            exits.refuse(f"--column takes FIELD=COLUMN, and FIELD is one of {', '.join(names)}")
        if header.count(column) != 1:
            problem = "several columns" if column in header else "no column"
            exits.refuse(
                f"{file} has {problem} {words.printable(column)}; it has {', '.join(map(words.printable, header))}"
            )
        if field in result or column in result.values():
            exits.refuse(f"--column names {field if field in result else words.printable(column)} twice: leave one out")
        result[field] = column
    return result


def _ignored(header: Sequence[str], ignored: Sequence[str], file: str) -> Sequence[str]:
    for column in ignored:
        if column not in header:
            exits.refuse(
                f"{file} has no column {words.printable(column)} to ignore; it has {', '.join(map(words.printable, header))}"
            )
    return ignored


def _refuse_misspelt(header: Sequence[str], told: Collection[str], event_type: str | None, file: str) -> None:
    """A column that is nearly a field's would else be left out in silence: the event would go without its date, or live."""
    kinds = [each for each in contract.MODELS if event_type in {None, each}]
    problems = []
    for name in header:
        field = None if name in told else misspelt.field(name, kinds)
        if field is not None:
            short, shown = field.split(".")[-1], words.printable(name)
            quoted = f'"{shown}"' if " " in shown else shown
            problems.append(
                f"{file} has a column {shown}: did you mean {short}? Name it so, or say --column {short}={quoted}, or --ignore "
                f"{quoted} if it is something else"
            )
    if problems:
        exits.refuse("\n".join(problems))


def _event_type(header: Sequence[str], asked: Mapping[str, str], given: str | None, file: str) -> str:
    if given is not None:
        return (
            given if given in contract.MODELS else exits.refuse(f"--event must be one of {', '.join(contract.MODELS)}")
        )
    fields = {kind: [*asked, *(_found(name, kind) or "" for name in header)] for kind in contract.MODELS}
    fitting = [kind for kind, found in fields.items() if any(each.startswith(_SUBJECTS[kind]) for each in found)]
    if len(fitting) > 1:
        exits.refuse(
            f"{file} has columns for users and for devices: say which with --event {' or --event '.join(fitting)}"
        )
    return fitting[0] if fitting else events.UserOffboarded.TYPE


def _field(given: str) -> str | None:
    """The field of a name as people may give it: whole, or without what it is in."""
    for event_type in contract.MODELS:
        for field in contract.fields(event_type):
            if strict_json.bare(given) in {strict_json.bare(field), strict_json.bare(field.split(".")[-1])}:
                return field
    return None


def _found(name: str, event_type: str) -> str | None:
    """The field of an event that a column's name tells, case, spaces, `_` and `-` aside."""
    for field in contract.fields(event_type):
        short = field if field == _ASKED_FOR else field.split(".")[-1]
        if strict_json.bare(name) in {strict_json.bare(field), strict_json.bare(short)}:
            return field
    return None
