"""`offboard status` and `undo`: what became of an event, and taking it back."""

import asyncio
from enum import StrEnum
from typing import Annotated

import typer

from cli import exits, operators
from cli.commands import options


class EventType(StrEnum):
    """The types of events, as an option's values."""

    USER_OFFBOARDED = "user.offboarded"
    DEVICE_RETIRED = "device.retired"


Type = Annotated[
    EventType | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        parser=options.one_of(EventType),
        autocompletion=options.completed(EventType),
        help="user.offboarded or device.retired, if both have this id.",
    ),
]


def status(
    event_id: Annotated[str | None, typer.Argument(metavar="[EVENT_ID]", help="The event's id.")] = None,
    event_type: Type = None,
    user: Annotated[
        str | None, typer.Option(metavar="UPN", help="All events that saw a record which named this user.")
    ] = None,
    serial_number: Annotated[
        str | None,
        typer.Option("--serial", "--serial-number", metavar="NUMBER", help="All events about this device."),
    ] = None,
    ticket: Annotated[
        str | None, typer.Option(metavar="TEXT", help="All events that ended and gave this reference.")
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show what became of an event: each attempt, outcome, verification, and what operators did. From the journal alone."""
    from cli.records import asking

    given = [each for each in (event_id, user, serial_number, ticket) if each is not None]
    if len(given) != 1 or not given[0].strip():
        exits.refuse("say what about: EVENT_ID, --user UPN, --serial NUMBER, or --ticket TEXT; one of them")
    question = asking.Question(
        event_id=event_id, event_type=event_type, user=user, serial_number=serial_number, ticket=ticket
    )
    raise typer.Exit(asyncio.run(asking.run(question, as_json=as_json)))


def undo(
    event_id: Annotated[str, typer.Argument(metavar="EVENT_ID", help="The event's id.")],
    event_type: Type = None,
    device: Annotated[
        str | None,
        typer.Option(
            metavar="ID", help="Only this device, by its Autopilot id or its serial number, which status shows."
        ),
    ] = None,
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why, for the record.")] = "",
    operator: options.Operator = None,
    what_if: Annotated[
        bool, typer.Option("--what-if", help="Show what would be done, and do nothing; as without --yes.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do it. Without it, what would be done is shown.")] = False,
    as_json: options.AsJson = False,
) -> None:
    """Undo an event: assign the former user of each of its devices again, where nobody else is by now.

    Shows what would be done; --yes does it. An undo that was interrupted is finished by the same command.
    """
    from cli.records import undoing

    if what_if and yes:
        exits.refuse("--what-if and --yes contradict each other: give one of them")
    wish = undoing.Wish(
        event_id=event_id,
        event_type=event_type,
        device=device,
        operator=operators.named(operator),
        because=because,
        yes=yes,
    )
    raise typer.Exit(asyncio.run(undoing.run(wish, as_json=as_json)))
