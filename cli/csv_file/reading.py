"""A CSV file as cells: its encoding, its delimiter, its rows by the numbers that a spreadsheet shows. Knows nothing of events."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from cli import exits, output, words

MAX_BYTES: Final = 50 * 1024 * 1024
MAX_ROWS: Final = 100_000
DELIMITERS: Final = (",", ";", "\t")
_SEPARATOR_LINE: Final = "sep="
_LOOKED_AT: Final = 1000
_SHOWN: Final = 50
"""So many problems are shown."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record. `number` is a spreadsheet's: the header is row 1, and empty rows count. No cell has space around it."""

    number: int
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """The names of the columns, the rows that are not empty, and the problem of each that is not as wide as the header."""

    header: tuple[str, ...]
    rows: Sequence[Row]
    problems: Mapping[int, str]


def sheet(content: bytes, name: str, delimiter: str | None, known: Callable[[str], bool]) -> Sheet:
    """The cells of a file. `known` tells a column's name that means something, to find the delimiter by.

    Ends the command if it is no CSV.
    """
    text = _text(content, name)
    if delimiter is not None and len(delimiter) != 1:
        exits.refuse("--delimiter must be one character, such as ';'")
    first, _, rest = text.partition("\n")
    skipped = 0
    if first.lower().startswith(_SEPARATOR_LINE):  # how Excel is told, and tells, the delimiter
        text, delimiter, skipped = rest, delimiter or first.strip("\r")[len(_SEPARATOR_LINE) :][:1] or None, 1
    records = list(_records(text, delimiter or _delimiter(text, known), name, skipped))
    if not records:
        exits.refuse(f"{name} is empty: give a header, and a row for each event")
    header, *rows = records
    if not rows:
        exits.refuse(f"{name} has a header and no rows: give a row for each event")
    if len(rows) > MAX_ROWS:
        exits.refuse(f"{name} has {len(rows)} rows; at most {MAX_ROWS} are taken at once: split it")
    problems = {row.number: _width(row, header) for row in rows if len(row.cells) != len(header.cells)}
    return Sheet(header.cells, [row for row in rows if row.number not in problems], problems)


def refuse_all(name: str, found: Mapping[int, str], *, as_json: bool) -> None:
    """End the command with every row's problem, if there is any: a line for each, and at last how many there are."""
    if not found:
        return
    rows = sorted(found.items())
    need = "needs" if len(rows) == 1 else "need"
    error = f"nothing was done: {words.counted(len(rows), 'row')} {need} mending in {name}"
    if as_json:
        output.as_json({"error": error, "rows": [{"row": number, "problem": problem} for number, problem in rows]})
    problems = [f"row {number}: {problem}" for number, problem in rows]
    more = [f"... and {len(problems) - _SHOWN} more"] if len(problems) > _SHOWN else []
    exits.refuse("\n".join([*problems[:_SHOWN], *more, error]))


def _text(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        exits.refuse(f"{name} has more than {MAX_BYTES // 1024 // 1024} MiB: split it")
    if _is_utf_16(content):
        exits.refuse(f"{name} is UTF-16: save it as 'CSV UTF-8'")
    if b"\0" in content:
        exits.refuse(f"{name} is binary, and no CSV: save it as 'CSV UTF-8'")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        exits.refuse(f"{name} is not UTF-8 (line {line}): save it as 'CSV UTF-8'")


def _is_utf_16(content: bytes) -> bool:
    """Whether it begins as UTF-16 does, or reads as text in it: Latin letters have a zero beside them."""
    marked = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    zeros = [position % 2 for position, byte in enumerate(content[:_LOOKED_AT]) if byte == 0]
    if not marked and (len(set(zeros)) != 1 or len(zeros) < len(content[:_LOOKED_AT]) // 4):
        return False
    encoding = "utf-16" if marked else "utf-16-le" if zeros[0] else "utf-16-be"
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _delimiter(text: str, known: Callable[[str], bool]) -> str:
    """The one by which the header has the most names that are known, and then the most names."""

    def worth(delimiter: str) -> tuple[int, int]:
        header = next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])
        return sum(map(known, header)), len(header)

    try:
        return max(DELIMITERS, key=worth)
    except csv.Error:  # told with its row by whoever reads the file next
        return DELIMITERS[0]


def _records(text: str, delimiter: str, name: str, number: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for record in reader:
            number += 1
            cells = tuple(cell.strip() for cell in record)
            if any(cells):
                yield Row(number, cells)
    except csv.Error as error:
        exits.refuse(f"{name} is no CSV at row {number + 1} (line {reader.line_num}): {error}")


def _width(row: Row, header: Row) -> str:
    counts = f"has {words.counted(len(row.cells), 'cell')}, the header {len(header.cells)}"
    return f"{counts}: put quotes around a cell that holds the delimiter"
