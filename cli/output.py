"""How the command prints data: Rich tables that fit the terminal, or JSON on one document."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import typer
from rich.console import Console
from rich.table import Table


def as_json(document: Any) -> None:
    """The document as indented JSON on standard output."""
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))


def table(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, title: str | None = None) -> None:
    """A table of the rows' values; a missing one is empty."""
    Console().print(tabulated(columns, rows, title=title))


def tabulated(columns: Sequence[str], rows: Iterable[Mapping[str, Any]], *, title: str | None = None) -> Table:
    """The table itself, for a live display."""
    result = Table(title=title, title_justify="left", header_style="bold", box=None, pad_edge=False)
    for column in columns:
        result.add_column(column, overflow="fold")
    for row in rows:
        result.add_row(*(str(row.get(column) or "") for column in columns))
    return result
