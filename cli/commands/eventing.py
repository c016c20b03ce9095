"""`offboard send` and `preview`: one event, for the service or to look at."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from cli import exits, words
from cli.commands import options


def send(
    file: Annotated[
        Path | None, typer.Option("--file", "-f", help="The event as a JSON file; - reads standard input.")
    ] = None,
    user: options.User = None,
    user_id: options.UserId = None,
    previous_user: options.PreviousUser = None,
    serial_number: options.SerialNumber = None,
    autopilot_device_id: options.AutopilotDeviceId = None,
    entra_device_id: options.EntraDeviceId = None,
    managed_device_id: options.ManagedDeviceId = None,
    assigned_user: Annotated[str | None, typer.Option(help="Act only if the device names this user.")] = None,
    resource_account: options.ResourceAccount = False,
    resource_account_name: Annotated[
        str | None, typer.Option(help="Act only if the device names this resource account.")
    ] = None,
    event_id: Annotated[
        str | None, typer.Option(help="The event's own id; an event is acted on once, however often it is sent.")
    ] = None,
    occurred_at: Annotated[str | None, typer.Option(help="When it happened, such as 2026-11-30T17:00:00Z.")] = None,
    effective_at: Annotated[
        str | None, typer.Option(help="Not before this time, such as 2026-12-01T18:00:00Z.")
    ] = None,
    requested_by: Annotated[str | None, typer.Option(help="Who asks; returned in the outcome.")] = None,
    ticket: Annotated[str | None, typer.Option(help="A reference of yours; returned in the outcome.")] = None,
    reason: Annotated[str | None, typer.Option(help="Why; returned in the outcome.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Change nothing, report what would be done.")] = False,
    yes: options.Yes = False,
    as_json: options.AsJson = False,
) -> None:
    """Send one event: somebody left (--user, --user-id), or a device was retired (a device option), or a JSON file.

    Example: offboard send --user anna@contoso.com --ticket HR-1041 --yes
    """
    from cli import events, sending

    request = {
        "eventId": event_id,
        "occurredAt": occurred_at,
        "effectiveAt": effective_at,
        "requestedBy": requested_by,
        "ticket": ticket,
        "reason": reason,
        "dryRun": dry_run or None,
    }
    device = options.device(
        serial_number=serial_number,
        autopilot_device_id=autopilot_device_id,
        entra_device_id=entra_device_id,
        managed_device_id=managed_device_id,
    )
    retirement = {
        "assignedUserPrincipalName": assigned_user,
        "actions": options.actions(resource_account),
        "resourceAccountName": resource_account_name,
    }
    event = events.chosen(file, options.leaver(user, user_id, previous_user), device, retirement)
    event = event.with_fields(request)
    exits.confirm(f"Send {event.type} for {event.about()} (event {words.printable(event.event_id)})?", yes=yes)
    asyncio.run(sending.send(event, as_json=as_json))


def preview(
    user: options.User = None,
    user_id: options.UserId = None,
    previous_user: options.PreviousUser = None,
    serial_number: options.SerialNumber = None,
    autopilot_device_id: options.AutopilotDeviceId = None,
    entra_device_id: options.EntraDeviceId = None,
    managed_device_id: options.ManagedDeviceId = None,
    resource_account: options.ResourceAccount = False,
    as_json: options.AsJson = False,
) -> None:
    """Show what would become of a leaver's devices, or of one device, changing nothing.

    Example: offboard preview --user anna@contoso.com
    """
    from cli import events, previewing

    device = options.device(
        serial_number=serial_number,
        autopilot_device_id=autopilot_device_id,
        entra_device_id=entra_device_id,
        managed_device_id=managed_device_id,
    )
    retirement = {"actions": options.actions(resource_account)}
    event = events.from_options(options.leaver(user, user_id, previous_user), device, retirement)
    raise typer.Exit(asyncio.run(previewing.run(event, as_json=as_json)))
