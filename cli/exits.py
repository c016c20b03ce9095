"""The one line that goes with the exit code 2, and the question before something changes."""

import asyncio
import contextlib
import sys
from collections.abc import Iterator
from typing import NoReturn

import typer

from cli.exit_codes import Exit


def refuse(text: str) -> NoReturn:
    """Say on standard error what is wrong and how to mend it, and end with 2."""
    typer.echo(text, err=True)
    raise typer.Exit(Exit.USAGE_OR_CONNECTION)


@contextlib.contextmanager
def nothing_yet(what: str) -> Iterator[None]:
    """While nothing has changed: say so at Ctrl-C, which ends the command with 130 by itself."""
    try:
        yield
    except (KeyboardInterrupt, asyncio.CancelledError):
        typer.echo(f"stopped: {what}", err=True)
        raise


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something changes; `--yes` answers. Without a terminal to ask at, refuse."""
    if not yes and not agreed(question):
        refuse("nothing was done")


def agreed(question: str) -> bool:
    """Whether whoever is there says yes; refuse if nobody is there."""
    try:
        with contextlib.redirect_stdout(
            sys.stderr
        ):  # it ends its question there, whatever `err` says; that is for data
            return typer.confirm(question, err=True)
    except typer.Abort:
        refuse("nobody answered: give --yes to go ahead without being asked")
