"""One dead letter for people: words, and times in UTC to the second; nothing in it may reach the terminal but text."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

import typer

from cli import output, words
from cli.dlq import listing
from shared.domain.errors import InvalidMessage
from shared.messaging import strict_json

_LEFT_OUT: Final = frozenset({"ageSeconds", "body", "event", "journal", "mayBeOverridden"})
_TIMES: Final = frozenset({"at", "enqueuedAt", "firstEnqueuedAt"})


def show(document: Mapping[str, Any]) -> None:
    """Print the document of cli.dlq.showing."""
    shown = {
        **document,
        "age": listing.in_words(timedelta(seconds=document["ageSeconds"])),
        "applicationProperties": json.dumps(document["applicationProperties"], ensure_ascii=False),
    }
    output.pairs(
        {
            words.label(name): f"{words.moment(value)} UTC" if name in _TIMES else str(value)
            for name, value in shown.items()
            if name not in _LEFT_OUT and value not in (None, "")
        }
    )
    typer.echo("\nbody")
    typer.echo(_indented(document["body"] or ""))
    if document["event"] is not None:
        typer.echo("\nread as")
        typer.echo(_indented(json.dumps(document["event"], ensure_ascii=False)))
    _print_journal(document["journal"])
    if document["mayBeOverridden"]:
        typer.echo("\nA guard refused it: offboard dlq replay --override releases it, on your responsibility.")


def _print_journal(journal: Mapping[str, Any]) -> None:
    if "outOfReach" in journal:
        typer.echo(f"\nits record is out of reach: {journal['outOfReach']}")
        return
    typer.echo(f"\nrecord {words.printable(journal['id'])}")
    for title in ("devices", "ends", "acts"):
        if journal[title]:
            rows = [_in_words(line) for line in journal[title]]
            output.table(list(rows[0]), rows)
    if not any(journal[title] for title in ("devices", "ends", "acts")):
        typer.echo("empty: no event was ever taken, or it was another journal")


def _in_words(line: Mapping[str, Any]) -> Mapping[str, Any]:
    return {
        f"{words.label(name)} (UTC)" if name in _TIMES else words.label(name): _value(name, value)
        for name, value in line.items()
    }


def _value(name: str, value: Any) -> Any:
    if isinstance(value, bool):
        return words.yes_or_no(value=value)
    return words.moment(value) if name in _TIMES else value


def _indented(body: str) -> str:
    """The body, indented if the service can read it; nothing in it may reach the terminal but text."""
    try:
        text = json.dumps(strict_json.loads(body.encode("utf-8", "surrogatepass")), indent=2, ensure_ascii=False)
    except InvalidMessage:  # as it is: indented, a key that is there twice would be shown once
        text = body
    return "\n".join(f"  {words.printable(line)}" for line in text.splitlines())
