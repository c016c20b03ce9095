"""`offboard send` and `preview`: events, for the service or to look at; one by options, or many from a CSV file."""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli import exits, option_groups, words
from cli.commands import options

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cli.csv_file.rows import EventsOfFile


@option_groups.opened
def send(
    subject: options.Subject,
    conditions: options.Conditions,
    actions: options.Actions,
    request: options.Request,
    table: options.Table,
    raw: options.Raw,
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="The event as a JSON file; - reads standard input.")
    ] = None,
    again: Annotated[
        str,
        typer.Option(
            help="With --csv: a word that makes the rows' event ids new, to have the same rows acted on again."
        ),
    ] = "",
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Send one event: somebody left (--user, --user-id), or a device was retired (a device option), or a JSON file.

    With --csv, send one for each row of a file: nothing is sent unless all rows are right, and what was handled before or
    is still in the queue is left out, so that the same command may be run again.

    With --raw, put bytes into a queue as they are, to practise: what is no event becomes a dead letter.
    """
    retirement = {
        "assignedUserPrincipalName": conditions.assigned_user,
        "actions": actions.names,
        "resourceAccountName": conditions.resource_account_name,
    }
    if raw.raw is not None:
        groups = (subject, conditions, actions, request, table)
        beside = [value for group in groups for value in vars(group).values()]
        _send_raw(raw, raw.raw, [*beside, file, again], yes=yes, as_json=as_json)
        return
    if raw.queue is not None or raw.message_id is not None or raw.properties:
        exits.refuse("--queue, --message-id and --property go with --raw")
    if table.csv is not None:
        _refuse_beside_csv(subject, file, request.event_id)
        with exits.nothing_yet("nothing was sent"):
            found = _many(table, {**request.fields, **retirement}, again, as_json=as_json)
        _send_many(found, yes=yes, as_json=as_json)
        return
    _refuse_without_csv(table, again)
    from cli import events, sending, sending_again, service_bus

    event = events.chosen(file, subject.leaver, subject.device, retirement)
    event = event.with_fields(request.fields)
    queue = service_bus.queue_of(event.type)
    if file is not None or request.event_id is not None:  # else its id is new
        asyncio.run(sending_again.tell(event))
    exits.confirm(f"Send {event.type} for {event.about()} (event {words.printable(event.event_id)})?", yes=yes)
    asyncio.run(sending.send(event, queue, as_json=as_json))
    if not as_json:
        typer.echo(f"{words.status_of(event.event_id)} tells what became of it")


@option_groups.opened
def preview(
    subject: options.Subject,
    actions: options.Actions,
    table: options.Table,
    as_json: options.AsJson = False,
) -> None:
    """Show what would become of a leaver's devices, of one device, or of those of each row of a CSV file, changing nothing.

    Also tells what the journal has about it, how many devices may still be unassigned this hour, and how many requests to
    Graph the real run would make.
    """
    from cli import events
    from cli.preview import many, one

    retirement = {"actions": actions.names}
    if table.csv is not None:
        _refuse_beside_csv(subject, None, None)
        found = _many(table, retirement, "", as_json=as_json)
        raise typer.Exit(asyncio.run(many.run(found, as_json=as_json)))
    _refuse_without_csv(table, "")
    event = events.from_options(subject.leaver, subject.device, retirement)
    raise typer.Exit(asyncio.run(one.run(event, as_json=as_json)))


def _many(table: options.Table, fields: "Mapping[str, Any]", again: str, *, as_json: bool) -> "EventsOfFile":
    from cli.csv_file import rows

    assert table.csv is not None  # noqa: S101 - asked by those who call this
    return rows.read(
        table.csv,
        chosen=table.column or [],
        event_type=table.event,
        delimiter=table.delimiter,
        fields=fields,
        again=again,
        ignored=table.ignore or [],
        as_json=as_json,
    )


def _send_many(found: "EventsOfFile", *, yes: bool, as_json: bool) -> None:
    from cli import sending_many, standing
    from cli.csv_file import reading
    from cli.records import opening

    typer.echo(f"{found.file}: {found.columns.described()}", err=True)
    with exits.nothing_yet("nothing was sent"):
        stands = asyncio.run(standing.look(found, opening.settings()))
    reading.refuse_all(found.file, stands.used, as_json=as_json)
    if stands.unseen:
        dropped = ", and Service Bus may drop what it saw within the hour" if stands.without_journal else ""
        typer.echo(
            f"not looked into, for what was sent before: {', '.join(stands.unseen)}; none is acted on twice{dropped}",
            err=True,
        )
    left = stands.left(found.rows)
    if left:
        not_again = f" ({stands.described()})" if len(left) < len(found.rows) else ""
        question = f"Send {len(left)} {found.columns.event_type}, the first for {left[0].event.about()}?{not_again}"
        exits.confirm(question, yes=yes)
    code = asyncio.run(sending_many.send(found, stands, as_json=as_json))
    if left and not as_json:
        typer.echo(
            f"{words.status_of(left[0].event.event_id)} tells what became of the first; --json names the ids of all"
        )
    raise typer.Exit(code)


def _send_raw(raw: options.Raw, file: Path, beside: "Sequence[object]", *, yes: bool, as_json: bool) -> None:
    from cli import sending_raw

    if any(beside):
        exits.refuse("--raw sends what is in its file, and nothing else: leave out the options that describe an event")
    sending_raw.run(file, raw, yes=yes, as_json=as_json)


def _refuse_beside_csv(subject: options.Subject, file: Path | None, event_id: str | None) -> None:
    given = [*subject.leaver.values(), *subject.device.values(), file, event_id]
    if any(value is not None and value != [] for value in given):
        exits.refuse("give either --csv or the options that say whom or what one event is about, not both")


def _refuse_without_csv(table: options.Table, again: str) -> None:
    if table.column or table.ignore or table.event or table.delimiter or again:
        exits.refuse("--column, --ignore, --event, --delimiter and --again go with --csv")
