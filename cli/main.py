"""The command and its subcommands. Each subcommand imports its heavy parts when it runs, so that help is quick."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli import exits

app = typer.Typer(
    name="offboard",
    help="Unassign leavers and retired devices from their Windows Autopilot records, and see what became of each device.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go ahead without being asked.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of tables.")]
Tenant = Annotated[Path | None, typer.Option("--tenant", help="A sample tenant (JSON) for the emulated Graph.")]


@app.command()
def host() -> None:
    """Run the functions against the Service Bus and Graph that the environment names; SIGTERM drains.

    Prints `ready` on a line of its own when it listens.
    """
    from cli import hosting

    raise typer.Exit(asyncio.run(hosting.run()))


@app.command()
def up(
    tenant: Tenant = None,
    servicebus_port: Annotated[int, typer.Option(help="Port of the emulated Service Bus; 0 picks a free one.")] = 5672,
    graph_port: Annotated[int, typer.Option(help="Port of the emulated Graph; 0 picks a free one.")] = 8080,
) -> None:
    """Run emulated Service Bus, Graph and identity, and the functions on them, until stopped."""
    from cli import upping

    raise typer.Exit(upping.run(tenant, servicebus_port=servicebus_port, graph_port=graph_port))


@app.command()
def demo() -> None:
    """Show the main job on a sample tenant: real messages, settled and accounted for; ends by itself."""
    from cli.demo import show

    raise typer.Exit(show.run())


@app.command()
def send(
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="The event as a JSON file; - reads standard input.")
    ] = None,
    user: Annotated[str | None, typer.Option(help="The leaver's user principal name.")] = None,
    user_id: Annotated[str | None, typer.Option(help="The leaver's Entra object id.")] = None,
    previous_user: Annotated[
        list[str] | None, typer.Option(help="A former user principal name; may be repeated.")
    ] = None,
    serial_number: Annotated[str | None, typer.Option(help="The retired device's serial number.")] = None,
    autopilot_device_id: Annotated[str | None, typer.Option(help="The retired device's Autopilot id.")] = None,
    entra_device_id: Annotated[str | None, typer.Option(help="The retired device's Entra device id.")] = None,
    managed_device_id: Annotated[str | None, typer.Option(help="The retired device's Intune id.")] = None,
    assigned_user: Annotated[str | None, typer.Option(help="Act only if the device names this user.")] = None,
    resource_account: Annotated[bool, typer.Option(help="Unassign the resource account too.")] = False,
    event_id: Annotated[str | None, typer.Option(help="The event's own id; the same event is acted on once.")] = None,
    effective_at: Annotated[
        str | None, typer.Option(help="Not before this time, such as 2026-12-01T18:00:00Z.")
    ] = None,
    requested_by: Annotated[str | None, typer.Option(help="Who asks; returned in the outcome.")] = None,
    ticket: Annotated[str | None, typer.Option(help="A reference of yours; returned in the outcome.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, report what would be done.")] = False,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Send one event: somebody left (--user, --user-id), or a device was retired (a device option), or a JSON file.

    Example: offboard send --user anna@contoso.com --ticket HR-1041 --yes
    """
    from cli import events, sending

    request = {
        "eventId": event_id,
        "effectiveAt": effective_at,
        "requestedBy": requested_by,
        "ticket": ticket,
        "dryRun": dry_run or None,
    }
    leaver = {"id": user_id, "userPrincipalName": user, "previousUserPrincipalNames": previous_user}
    device = {
        "autopilotDeviceId": autopilot_device_id,
        "serialNumber": serial_number,
        "entraDeviceId": entra_device_id,
        "managedDeviceId": managed_device_id,
    }
    retirement = {
        "assignedUserPrincipalName": assigned_user,
        "actions": ["unassignUser", "unassignResourceAccount"] if resource_account else None,
    }
    event = events.chosen(file, leaver, device, retirement)
    event = event.with_fields(request)
    exits.confirm(f"Send {event.type} {event.event_id}?", yes=yes)
    asyncio.run(sending.send(event, as_json=as_json))


@app.command()
def preview(
    user: Annotated[str | None, typer.Option(help="The leaver's user principal name.")] = None,
    user_id: Annotated[str | None, typer.Option(help="The leaver's Entra object id.")] = None,
    previous_user: Annotated[
        list[str] | None, typer.Option(help="A former user principal name; may be repeated.")
    ] = None,
    serial_number: Annotated[str | None, typer.Option(help="The device's serial number.")] = None,
    autopilot_device_id: Annotated[str | None, typer.Option(help="The device's Autopilot id.")] = None,
    entra_device_id: Annotated[str | None, typer.Option(help="The device's Entra device id.")] = None,
    managed_device_id: Annotated[str | None, typer.Option(help="The device's Intune id.")] = None,
    resource_account: Annotated[bool, typer.Option(help="Look at the resource account too.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what would become of a leaver's devices, or of one device, changing nothing.

    Example: offboard preview --user anna@contoso.com
    """
    from cli import events, previewing

    leaver = {"id": user_id, "userPrincipalName": user, "previousUserPrincipalNames": previous_user}
    device = {
        "autopilotDeviceId": autopilot_device_id,
        "serialNumber": serial_number,
        "entraDeviceId": entra_device_id,
        "managedDeviceId": managed_device_id,
    }
    retirement = {"actions": ["unassignUser", "unassignResourceAccount"] if resource_account else None}
    event = events.from_options(leaver, device, retirement)
    raise typer.Exit(asyncio.run(previewing.run(event, as_json=as_json)))


@app.command(hidden=True)
def dlq() -> None:
    """Dead letters: not built yet."""
    exits.refuse("offboard dlq is not built yet: use Service Bus Explorer in the portal, and docs/dead-letters.md")


@app.command(hidden=True)
def status() -> None:
    """What became of an event: not built yet."""
    exits.refuse("offboard status is not built yet: subscribe to the outcomes topic, or read the journal")


@app.command(hidden=True)
def undo() -> None:
    """Assign the former user again: not built yet."""
    exits.refuse("offboard undo is not built yet: the outcome event has the former user of each device")


@app.command(hidden=True)
def doctor() -> None:
    """Check the set-up: not built yet."""
    exits.refuse("offboard doctor is not built yet: offboard host reports every wrong setting when it starts")


def run() -> None:
    """The entry point of the console script."""
    app()
