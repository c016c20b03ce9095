"""Rows about dead letters, queue by queue, in tables that fold to the terminal's width."""

from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any

import typer

from cli import output, words


def by_queue(columns: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> None:
    """A table for each queue, under its name. A number names a dead letter within its queue."""
    for queue, of_the_queue in groupby(sorted(rows, key=_queue), key=_queue):
        typer.echo(f"{words.printable(queue)}:")
        output.put(output.console(), output.tabulated(columns, of_the_queue))
        typer.echo()


def _queue(row: Mapping[str, Any]) -> str:
    return str(row["queue"])
