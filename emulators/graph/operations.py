"""What each operation does to the tenant, and what it answers. Knows no routes, permissions, quotas or faults."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from emulators.clock import Clock
from emulators.graph import devices, messages
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.tenant import Assignment, Device, Tenant, User


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What no page of Graph's says, to be chosen: when an unassignment takes effect, and what a repeated one gets."""

    page_size: int = 1000
    clears_after: timedelta = timedelta(0)
    already_unassigned_status: int = 204


class Operations:
    """Graph's operations on one tenant. Each gets the request and the one parameter of its path."""

    def __init__(self, tenant: Tenant, clock: Clock, chosen: Behaviour) -> None:
        self.tenant = tenant
        self._clock = clock
        self._chosen = chosen

    def list_devices(self, request: GraphRequest, _: str) -> Answer:
        """One page of the devices."""
        return devices.page(self.tenant.devices, request, page_size=self._chosen.page_size)

    def get_device(self, request: GraphRequest, device_id: str) -> Answer:
        """One device, with its computed properties."""
        if "$select" in request.query:
            return messages.intune_error(500, "An error has occurred")
        if options := [name for name in request.query if name.startswith("$")]:
            return messages.unexpected(f"{', '.join(options)} on one device")
        device = self.tenant.find(device_id)
        if device is None:
            return _no_such_device(device_id)
        kind = "deviceManagement/windowsAutopilotDeviceIdentities/$entity"
        context = {"@odata.context": f"{request.root}/{request.api_version}/$metadata#{kind}"}
        return Answer(status=200, body=context | devices.as_json(device, request.api_version, in_list=False))

    def assign_user(self, request: GraphRequest, device_id: str) -> Answer:
        """Assign at once."""
        body: dict[str, Any] = request.body if isinstance(request.body, dict) else {}
        device = self.tenant.find(device_id)
        if device is None:
            return _no_such_device(device_id)
        if not body.get("userPrincipalName"):
            return messages.intune_error(400, "An error has occurred")
        self.tenant.assign_user(device.id, body["userPrincipalName"], body.get("addressableUserName") or "")
        return Answer(status=204)

    def unassign_user(self, request: GraphRequest, device_id: str) -> Answer:
        """Accept; the record is clear later."""
        return self._unassign(device_id, Assignment.USER, lambda device: device.user_principal_name)

    def unassign_user_by_profile(self, request: GraphRequest, device_id: str) -> Answer:
        """The same, through the deployment profile of a device; a device is taken to be assigned to its own profile alone."""
        if request.segments[2].casefold() != device_id.casefold():
            return _no_such_device(device_id)
        return self.unassign_user(request, device_id)

    def unassign_resource_account(self, request: GraphRequest, device_id: str) -> Answer:
        """Accept; the record is clear later."""
        return self._unassign(device_id, Assignment.RESOURCE_ACCOUNT, lambda device: device.resource_name)

    def get_user(self, request: GraphRequest, key: str) -> Answer:
        """A user by id or principal name."""
        user = self.tenant.active_user(key)
        return _no_such_object(key) if user is None else _user(request, user, user.user_principal_name)

    def get_deleted_user(self, request: GraphRequest, user_id: str) -> Answer:
        """A deleted user, whose principal name Entra prefixes with the id."""
        user = self.tenant.deleted_user(user_id)
        if user is None:
            return _no_such_object(user_id)
        return _user(request, user, user.id.replace("-", "") + user.user_principal_name)

    def _unassign(self, device_id: str, what: Assignment, assigned: Callable[[Device], str | None]) -> Answer:
        device = self.tenant.find(device_id)
        if device is None:
            return _no_such_device(device_id)
        if not assigned(device):
            status = self._chosen.already_unassigned_status
            return Answer(status=204) if status == 204 else messages.intune_error(status, "An error has occurred")
        self.tenant.unassign(device.id, what, at=self._clock.now() + self._chosen.clears_after)
        self.tenant.sweep(self._clock.now())
        return Answer(status=204)


def _no_such_device(device_id: str) -> Answer:
    return messages.intune_error(404, f"The Autopilot device {device_id} was not found", code="ResourceNotFound")


def _no_such_object(key: str) -> Answer:
    text = f"Resource '{key}' does not exist or one of its queried reference-property objects are not present."
    return messages.error(404, text, code="Request_ResourceNotFound")


def _user(request: GraphRequest, user: User, name: str) -> Answer:
    """`$select` works on users; what it names and we don't have is left out."""
    if options := [option for option in request.query if option.startswith("$") and option != "$select"]:
        return messages.unexpected(f"{', '.join(options)} on a user")
    shown = {"id": user.id, "userPrincipalName": name, "displayName": name.partition("@")[0]}
    if chosen := request.query.get("$select"):
        shown = {name: value for name, value in shown.items() if name in chosen.split(",")}
    return Answer(
        status=200, body={"@odata.context": f"{request.root}/{request.api_version}/$metadata#users/$entity"} | shown
    )
