"""How `offboard unassign` ends: what is remarked on standard error, and the exit code. Pure but for what it prints."""

from collections.abc import Iterator, Sequence

import typer

from cli import words
from cli.exit_codes import Exit
from cli.unassigning.carrying import Done
from shared.domain.errors import JournalUnavailable, TransientError
from shared.domain.identifiers import EventId
from shared.domain.report import Outcome


def remark(results: Sequence[Done], event_id: EventId | None) -> None:
    """What accepted means, and where it is recorded, if it is."""
    if any(done.report.outcome is Outcome.UNASSIGNED for done in results):
        typer.echo(
            "Graph has accepted it, which is not yet done: the same command with --what-if tells when it is.", err=True
        )
    if event_id is None:
        typer.echo("Not recorded: JOURNAL_URL is not given.", err=True)
    else:
        typer.echo(f"Recorded in the journal as event {event_id}.", err=True)


def code(results: Sequence[Done]) -> int:
    """0 done, 1 some failed or nobody knows, 2 nothing could be reached: no call to unassign was begun for any device."""
    unknown = sum(done.unknown for done in results)
    if unknown:
        typer.echo(
            f"it is not known what became of {words.counted(unknown, 'device')}: the call was begun, and may have been accepted. "
            f"Look with --what-if; {_checks(results)}",
            err=True,
        )
    elif all(isinstance(done.error, TransientError) for done in results):
        typer.echo(f"nothing could be reached: {_checks(results)}", err=True)
        return Exit.USAGE_OR_CONNECTION
    return Exit.DONE if all(done.succeeded for done in results) else Exit.SOME_FAILED


def _checks(results: Sequence[Done]) -> str:
    return f"check {', '.join(dict.fromkeys(_settings(results)))}, the sign-in and the network"


def _settings(results: Sequence[Done]) -> Iterator[str]:
    for done in results:
        if isinstance(done.error, JournalUnavailable):
            yield "JOURNAL_URL"
        elif isinstance(done.error, TransientError):
            yield "GRAPH_ENDPOINT"
