"""The corrected body of one dead letter: from a file, or from the operator's editor; checked before anything is sent."""

import json
import sys
import tempfile
from pathlib import Path
from typing import Final

import click
import typer

from cli import exits
from cli.dlq.understanding import Understood
from shared.domain.errors import InvalidMessage
from shared.messaging import strict_json

_PREFIX: Final = "offboard-corrected-"
_SUFFIX: Final = ".json"


def from_file(dead: Understood, path: Path) -> bytes:
    """The file's bytes, or standard input's for `-`. Ends the command if they are no such event, naming the JSON path."""
    try:
        body = sys.stdin.buffer.read() if str(path) == "-" else path.read_bytes()
    except OSError as error:
        exits.refuse(f"--body {path} cannot be read: {error.strerror}")
    problem = dead.with_body(body).problem
    if problem:
        exits.refuse(f"--body {path} is not a valid {dead.event_type}: {problem}")
    return body


def from_editor(dead: Understood) -> bytes:
    """What the operator makes of the body in $VISUAL or $EDITOR. Ends the command if nothing valid comes of it.

    The text is kept in a file until the replay is done, so that it can be given again: see `keep`.
    """
    text = _readable(dead.letter.message.body)
    while True:
        try:
            edited = click.edit(text, extension=".json", require_save=True)
        except click.ClickException as error:
            exits.refuse(f"the editor could not be used ({error.format_message()}): set EDITOR, or give --body FILE")
        if edited is None:
            exits.refuse("nothing was changed and saved in the editor: nothing was done")
        body = edited.strip().encode()
        problem = dead.with_body(body).problem
        if not problem:
            return body
        typer.echo(f"not a valid {dead.event_type}: {problem}", err=True)
        exits.confirm("Edit it again?", yes=False)
        text = edited


def keep(body: bytes) -> Path:
    """Write the body to a file that only its owner may read, for whoever must finish an interrupted replay with it."""
    with tempfile.NamedTemporaryFile(prefix=_PREFIX, suffix=_SUFFIX, delete=False) as file:
        file.write(body)
    return Path(file.name)


def forget(path: Path) -> None:
    """Remove a file that `keep` made, now that nobody needs it; what is the operator's own stays."""
    ours = path.name.startswith(_PREFIX) and path.suffix == _SUFFIX
    if ours and path.absolute().parent == Path(tempfile.gettempdir()).absolute():
        path.unlink(missing_ok=True)


def _readable(body: bytes) -> str:
    """The body as one edits it: indented if the service can read it, else as it is, so that the fault is still there to see."""
    try:
        return json.dumps(strict_json.loads(body), indent=2, ensure_ascii=False) + "\n"
    except InvalidMessage:
        return body.decode("utf-8-sig", "replace")
