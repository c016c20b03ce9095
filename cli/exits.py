"""How the command ends: 0 done, 1 some failed, 2 usage or connection; and the one line that goes with 2."""

from enum import IntEnum
from typing import NoReturn

import typer


class Exit(IntEnum):
    """The exit codes."""

    DONE = 0
    SOME_FAILED = 1
    USAGE_OR_CONNECTION = 2


def refuse(text: str) -> NoReturn:
    """Say on standard error what is wrong and how to mend it, and end with 2."""
    typer.echo(text, err=True)
    raise typer.Exit(Exit.USAGE_OR_CONNECTION)


def confirm(question: str, *, yes: bool) -> None:
    """Ask before something changes; `--yes` answers. Without a terminal to ask at, refuse."""
    if not yes and not agreed(question):
        refuse("nothing was done")


def agreed(question: str) -> bool:
    """Whether whoever is there says yes; refuse if nobody is there."""
    try:
        return typer.confirm(question, err=True)  # standard output is for data
    except typer.Abort:
        refuse("nobody answered: give --yes to go ahead without being asked")
