"""How the command prints data: Rich tables that fit the terminal, or JSON on one document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import words

NEVER_BROKEN: Final = frozenset(
    {"message", "settlement", "outcome", "attempt", "reason", "count", "oldest", "number", "age", "result"}
)
"""Columns of short words that people search for: they are never folded."""
_WIDE: Final = 100_000


def as_json(document: Any) -> None:
    """The document as indented JSON on standard output."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def console() -> Console:
    """A console that takes text as it is; where standard output is no terminal, it folds nothing."""
    found = Console(markup=False, highlight=False)
    return found if found.is_terminal else Console(markup=False, highlight=False, width=_WIDE)


def table(columns: Sequence[str], rows: Sequence[Mapping[str, Any]], target: Console | None = None) -> None:
    """The rows' values; a missing one is empty. Where a terminal is too narrow for a table, a block for each row."""
    target = target or console()
    natural = sum(max(cell_len(text) for text in [name, *(_text(row, name) for row in rows)]) + 1 for name in columns)
    if natural - 1 <= target.width:
        put(target, tabulated(columns, rows))
        return
    longest = max(map(len, columns))
    for row in rows:
        given = [name for name in columns if _text(row, name)]
        target.print("\n".join(f"{name:{longest}}  {_text(row, name)}" for name in given), end="\n\n", soft_wrap=True)


def put(target: Console, what: Table) -> None:
    """Print a table; without the spaces at the ends of its lines where it is not for a terminal."""
    if target.is_terminal:
        target.print(what)
        return
    with target.capture() as captured:
        target.print(what)
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def say(sentence: str) -> None:
    """A sentence on standard output, broken between words where a terminal is too narrow for it."""
    console().print(Text(sentence))


def pairs(named: Mapping[str, str]) -> None:
    """Names and what they stand for, a line each; on a terminal what is long is folded beside its name."""
    result = Table(box=None, show_header=False, pad_edge=False)
    result.add_column(no_wrap=True)
    result.add_column(overflow="fold")
    for name, value in named.items():
        result.add_row(name, Text(words.printable(value)))
    put(console(), result)


def tabulated(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> Table:
    """The table itself, for a live display or `put`."""
    result = Table(header_style="bold", box=None, pad_edge=False)
    for column in columns:
        whole = column in NEVER_BROKEN
        result.add_column(column, no_wrap=whole, overflow="ellipsis" if whole else "fold")
    for row in rows:
        result.add_row(*(Text(_text(row, column)) for column in columns))
    return result


def _text(row: Mapping[str, Any], column: str) -> str:
    value = row.get(column)
    return "" if value is None else words.printable(str(value))
