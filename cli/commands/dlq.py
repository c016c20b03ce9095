"""`offboard dlq list`, `show`, `replay` and `discard`: dead letters, for the operator."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli import exits, operators
from cli.commands import examples, options

if TYPE_CHECKING:
    from cli.dlq.choosing import Selection

MAX_REPLAYS = 5

app = typer.Typer(
    help="See, understand, correct, replay and discard dead letters.",
    epilog=examples.below("dlq"),
    no_args_is_help=True,
    rich_markup_mode=None,
)

_MESSAGES = "A dead letter's number, or the message id that it was sent with."
Messages = Annotated[list[str] | None, typer.Argument(metavar="[MESSAGE]...", help=_MESSAGES)]


def _reasons(incomplete: str) -> list[str]:
    from cli.dlq import explaining

    return [each for each in explaining.reasons() if each.startswith(incomplete)]


Queue = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only this queue's dead letters.", autocompletion=options.queues),
]
Reason = Annotated[
    list[str] | None,
    typer.Option("--reason", metavar="REASON", help="Only with this reason; may be repeated.", autocompletion=_reasons),
]
OlderThan = Annotated[
    str | None, typer.Option(metavar="AGE", help="Only those whose first message came longer ago, such as 2d.")
]
NewerThan = Annotated[str | None, typer.Option(metavar="AGE", help="Only those that came since then, such as 6h.")]
Everything = Annotated[bool, typer.Option("--all", help="All dead letters, where nothing else is said.")]
Go = Annotated[bool, typer.Option("--yes", "-y", help="Do it. Without it, what would be done is shown.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be done, and do nothing; as without --yes.")]


@app.command(name="list", short_help="Dead letters by reason, and what to do.", epilog=examples.below("dlq list"))
def list_(
    queue: Queue = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    newer_than: NewerThan = None,
    messages: Annotated[bool, typer.Option("--messages", help="List each dead letter by itself.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """List dead letters by reason: how many, how old, and what to do about them."""
    from cli.dlq import listing

    chosen = _selection(None, reason, older_than, newer_than)
    raise typer.Exit(asyncio.run(listing.run(queue, chosen, messages=messages, as_json=as_json)))


@app.command(short_help="One dead letter, explained.", epilog=examples.below("dlq show"))
def show(
    message: Annotated[str, typer.Argument(help=_MESSAGES)],
    queue: Queue = None,
    as_json: options.AsJson = False,
) -> None:
    """Show one dead letter: the message, what it means, what to do, and the journal's record of its event.

    It may name people: what is shown is for you.
    """
    from cli.dlq import showing

    raise typer.Exit(asyncio.run(showing.run(message, queue, as_json=as_json)))


@app.command(short_help="Send dead letters again, corrected or not.", epilog=examples.below("dlq replay"))
def replay(
    message: Messages = None,
    queue: Queue = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    newer_than: NewerThan = None,
    everything: Everything = False,
    body: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The corrected body, for one message; - reads standard input.")
    ] = None,
    edit: Annotated[bool, typer.Option("--edit", help="Correct the body of one message in $EDITOR.")] = False,
    override: Annotated[
        bool, typer.Option("--override", help="Release the guard that refused it; needs --because.")
    ] = False,
    other: Annotated[
        bool,
        typer.Option("--other", help="The corrected body is meant to be about somebody else, or another event."),
    ] = False,
    because: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the record.")] = None,
    operator: options.Operator = None,
    max_replays: Annotated[
        int, typer.Option(metavar="N", min=1, max=1000, help="Refuse what was replayed so often already.")
    ] = MAX_REPLAYS,
    dry_run: DryRun = False,
    yes: Go = False,
    as_json: options.AsJson = False,
) -> None:
    """Replay dead letters: send each again as a new run of the same event, then remove it.

    Shows what would be done; --yes does it. Mend the cause first: offboard dlq list tells what to do.
    A replay that was interrupted is finished by the same command; it takes effect once.
    """
    from cli.dlq import editor, replay_command
    from cli.dlq.planning import Wish

    chosen = _chosen(message, queue, reason, older_than, newer_than, everything=everything)
    if dry_run and yes:
        exits.refuse("--dry-run and --yes contradict each other: give one of them")
    if body is not None and edit:
        exits.refuse("--body and --edit both give a body: give one of them")
    if override and not (because or "").strip():
        exits.refuse("--override needs --because TEXT: why the guard is released, for the record")
    if other and body is None and not edit:
        exits.refuse("--other goes with a corrected body: --body FILE or --edit")
    wish = Wish(
        operator=operators.named(operator),
        because=because or "",
        max_replays=max_replays,
        override=override,
        other=other,
    )
    if edit and dry_run:
        exits.refuse("--edit asks before it does anything: leave --dry-run out")
    if edit:
        editor.ready()
    running = replay_command.run(queue, chosen, wish, body=body, edit=edit, yes=yes, as_json=as_json)
    raise typer.Exit(asyncio.run(running))


@app.command(short_help="Remove dead letters for good.", epilog=examples.below("dlq discard"))
def discard(
    message: Messages = None,
    queue: Queue = None,
    reason: Reason = None,
    older_than: OlderThan = None,
    newer_than: NewerThan = None,
    everything: Everything = False,
    because: Annotated[str | None, typer.Option(metavar="TEXT", help="Why, for the record; required.")] = None,
    operator: options.Operator = None,
    dry_run: DryRun = False,
    yes: Go = False,
    as_json: options.AsJson = False,
) -> None:
    """Remove dead letters that are not to be handled any more. The journal keeps who did it and why.

    Shows what would be removed; --yes does it.
    """
    from cli.dlq import discard_command

    chosen = _chosen(message, queue, reason, older_than, newer_than, everything=everything)
    if dry_run and yes:
        exits.refuse("--dry-run and --yes contradict each other: give one of them")
    why = (because or "").strip()
    if not why:
        exits.refuse("--because is missing: say why the dead letters are not to be handled, for the record")
    who = operators.named(operator)
    running = discard_command.run(queue, chosen, operator=who, because=why, yes=yes, as_json=as_json)
    raise typer.Exit(asyncio.run(running))


def _chosen(
    message: list[str] | None,
    queue: str | None,
    reason: list[str] | None,
    older_than: str | None,
    newer_than: str | None,
    *,
    everything: bool,
) -> "Selection":
    some = bool(message or queue or reason or older_than or newer_than)
    if some and everything:
        exits.refuse(
            "--all means every dead letter: leave it out, or leave out what narrows it (MESSAGE, --reason, ...)"
        )
    if not (some or everything):
        exits.refuse("say which dead letters: MESSAGE, --reason, --queue, --older-than, --newer-than; or --all of them")
    return _selection(message, reason, older_than, newer_than)


def _selection(
    message: list[str] | None, reason: list[str] | None, older_than: str | None, newer_than: str | None
) -> "Selection":
    from cli.dlq import explaining
    from cli.dlq.choosing import Selection
    from shared.settings import misspelling

    for each in reason or ():
        if meant := misspelling.near(each, explaining.reasons()):
            exits.refuse(f"--reason {each} is no reason that is known: did you mean {meant}?")
    return Selection(
        names=message or (),
        reasons=reason or (),
        older_than=_age("--older-than", older_than),
        newer_than=_age("--newer-than", newer_than),
    )


def _age(option: str, text: str | None) -> timedelta | None:
    from shared.settings import kinds

    if text is None:
        return None
    try:
        age: timedelta = kinds.DURATION.parse(text)
    except ValueError as error:
        exits.refuse(f"{option} is {error}: give {kinds.DURATION.form}")
    return age
