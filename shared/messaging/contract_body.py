"""An event as a body of the message contract: what we send to ourselves says the event as any sender would. Pure.

What it gives, `contract.decode` reads back as the same event under the id of its message: the event id itself is not in it,
since it may be a message id, which can be any text.
"""

import json
from datetime import datetime
from typing import Any, assert_never

from shared.domain import events


def encode(event: events.Event) -> bytes:
    """The event as JSON, without its id."""
    match event:
        case events.UserOffboarded():
            about: dict[str, Any] = {
                "user": _given(
                    id=event.user_object_id,
                    userPrincipalName=event.user_principal_name,
                    previousUserPrincipalNames=list(event.previous_user_principal_names) or None,
                )
            }
        case events.DeviceRetired():
            about = _given(
                device=_key(event.device),
                assignedUserPrincipalName=event.assigned_user_principal_name,
                actions=[action.value for action in event.actions],
                resourceAccountName=event.resource_account_name,
            )
        case _:
            assert_never(event)
    return json.dumps({**_request(event.request), **about}, separators=(",", ":")).encode()


def _request(request: events.Request) -> dict[str, Any]:
    return _given(
        occurredAt=_time(request.occurred_at),
        effectiveAt=_time(request.effective_at),
        requestedBy=request.requested_by,
        ticket=request.ticket,
        reason=request.reason,
        dryRun=request.dry_run or None,
    )


def _key(key: events.DeviceKey) -> dict[str, str]:
    match key:
        case events.AutopilotDeviceKey(autopilot_device_id):
            return {"autopilotDeviceId": autopilot_device_id}
        case events.SerialNumberKey(serial_number):
            return {"serialNumber": serial_number}
        case events.EntraDeviceKey(entra_device_id):
            return {"entraDeviceId": entra_device_id}
        case events.ManagedDeviceKey(managed_device_id):
            return {"managedDeviceId": managed_device_id}
        case _:
            assert_never(key)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
