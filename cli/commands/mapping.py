"""`offboard map`: what the rules of a mapping file make of a message."""

from pathlib import Path
from typing import Annotated

import typer

from cli.commands import options
from cli.exit_codes import Exit


def map_message(
    file: Annotated[Path, typer.Argument(help="The message's body as a JSON file; - reads standard input.")],
    mapping: Annotated[
        Path | None, typer.Option(help="The mapping file, in YAML; by default the one that MAPPING_FILE names.")
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Show each rule, why it matches or not, and each field's value.")
    ] = False,
    event: Annotated[
        str | None, typer.Option(help="The event that the queue takes: user.offboarded or device.retired.")
    ] = None,
    properties: Annotated[
        list[str] | None,
        typer.Option("--property", metavar="NAME=VALUE", help="An application property; may be repeated."),
    ] = None,
    as_json: options.AsJson = False,
) -> None:
    """Show the event that a mapping file makes of a message; nothing is sent.

    Ends with 1 if the service would dead-letter the message.
    """
    from cli import mapping as mapped

    rules = mapped.rules(mapping)
    message = mapped.message(file, properties or [])
    found = mapped.explained(rules, message, mapped.event_type(event))
    mapped.show(found, explain=explain, as_json=as_json)
    raise typer.Exit(Exit.DONE if found.error is None else Exit.SOME_FAILED)
