"""Options that several subcommands share, and the parts of an event that they make."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Go ahead without being asked.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of text.")]

User = Annotated[str | None, typer.Option(help="The leaver's user principal name.")]
UserId = Annotated[str | None, typer.Option(help="The leaver's Entra object id.")]
PreviousUser = Annotated[
    list[str] | None, typer.Option(metavar="<str>", help="A former user principal name; may be repeated.")
]

SerialNumber = Annotated[str | None, typer.Option(help="The device's serial number.")]
AutopilotDeviceId = Annotated[str | None, typer.Option(help="The device's Autopilot id.")]
EntraDeviceId = Annotated[str | None, typer.Option(help="The device's Entra device id.")]
ManagedDeviceId = Annotated[str | None, typer.Option(help="The device's Intune id.")]
ResourceAccount = Annotated[bool, typer.Option("--resource-account", help="The device's resource account too.")]


def leaver(user: str | None, user_id: str | None, previous_user: list[str] | None) -> Mapping[str, Any]:
    """The event's `user`; what was not given is None."""
    return {"id": user_id, "userPrincipalName": user, "previousUserPrincipalNames": previous_user}


def device(
    *,
    serial_number: str | None,
    autopilot_device_id: str | None,
    entra_device_id: str | None,
    managed_device_id: str | None,
) -> Mapping[str, Any]:
    """The event's `device`; what was not given is None."""
    return {
        "autopilotDeviceId": autopilot_device_id,
        "serialNumber": serial_number,
        "entraDeviceId": entra_device_id,
        "managedDeviceId": managed_device_id,
    }


def actions(resource_account: bool) -> list[str] | None:
    """The event's `actions`; None for the usual one."""
    return ["unassignUser", "unassignResourceAccount"] if resource_account else None
