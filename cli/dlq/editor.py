"""Whether there is an editor to correct a body in, before one is opened."""

import shlex
import shutil
import sys

from cli import exits
from shared.settings import reading


def ready() -> None:
    """End the command where there is no such editor as $VISUAL or $EDITOR names, or none is named and there is no terminal."""
    given = reading.process_environment()
    name, command = next(((key, given[key]) for key in ("VISUAL", "EDITOR") if given.get(key)), ("", ""))
    if name:
        if not _found(command):
            exits.refuse(f"{name} is {command}, which is no command here: set {name}, or give --body FILE")
    elif not (sys.stdin.isatty() and sys.stdout.isatty()):
        exits.refuse("--edit opens an editor, and there is no terminal: give --body FILE, or set EDITOR")


def _found(command: str) -> bool:
    try:
        words = shlex.split(command)
    except ValueError:
        return False
    return bool(words) and shutil.which(words[0]) is not None
