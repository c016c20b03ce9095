"""The state of an emulated tenant: devices, users, and unassignments that take effect later. Knows no HTTP."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, Final

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
"""What Intune shows where a device has no Entra or managed device."""


@dataclass(slots=True, kw_only=True)
class Device:
    """One Autopilot record. Intune shows an empty string where nothing is set; None, where given, is shown as null."""

    id: str
    serial_number: str | None = ""
    user_principal_name: str | None = ""
    addressable_user_name: str | None = ""
    resource_name: str | None = ""
    group_tag: str | None = ""
    managed_device_id: str | None = NO_ID
    entra_device_id: str | None = NO_ID
    display_name: str | None = ""
    model: str | None = ""
    manufacturer: str | None = ""
    enrollment_state: str = "enrolled"
    last_contacted: str = "2026-11-02T08:15:00Z"


@dataclass(slots=True, kw_only=True)
class User:
    """One Entra user; a deleted one keeps the name here that it had before."""

    id: str
    user_principal_name: str
    deleted: bool = False


class Assignment(Enum):
    """What can be unassigned from a device."""

    USER = "user"
    RESOURCE_ACCOUNT = "resource account"


class Tenant:
    """Devices and users by id. Both may be changed from outside at any time; `sweep` makes due changes true."""

    def __init__(self, devices: Iterable[Device] = (), users: Iterable[User] = ()) -> None:
        self.devices: dict[str, Device] = {}
        self.users: dict[str, User] = {}
        self._due: dict[tuple[str, Assignment], datetime] = {}
        for device in devices:
            self.add(device)
        for user in users:
            self.users[user.id] = user

    def add(self, device: Device) -> None:
        """Raises ValueError if there is a device of this id."""
        if device.id in self.devices:
            raise ValueError(f"two devices have the id {device.id}")
        self.devices[device.id] = device

    def find(self, device_id: str) -> Device | None:
        """The device of this id, whatever the id's case: GUIDs are written in either."""
        folded = device_id.casefold()
        found = self.devices.get(device_id)
        return found or next((each for id_, each in list(self.devices.items()) if id_.casefold() == folded), None)

    def remove(self, device_id: str) -> None:
        """Forget the device, and what was due to it. Raises KeyError if there is none."""
        del self.devices[device_id]
        for what in Assignment:
            self._due.pop((device_id, what), None)

    def assign_user(self, device_id: str, user_principal_name: str, addressable_user_name: str = "") -> None:
        """Assign at once; an unassignment that hasn't taken effect is overtaken. Raises KeyError if there is no such device."""
        device = self.devices[device_id]
        device.user_principal_name = user_principal_name
        device.addressable_user_name = addressable_user_name
        self._due.pop((device_id, Assignment.USER), None)

    def unassign(self, device_id: str, what: Assignment, *, at: datetime) -> None:
        """Let the assignment end at that time; one that was due sooner stays so."""
        self._due.setdefault((device_id, what), at)

    def sweep(self, now: datetime) -> None:
        """Make true what is due."""
        for (device_id, what), at in list(self._due.items()):
            if at <= now:
                del self._due[device_id, what]
                self._clear(self.devices[device_id], what)

    def active_user(self, key: str) -> User | None:
        """The user of this id or, whatever its case, this principal name; deleted ones are not found."""
        named = (user for user in list(self.users.values()) if user.user_principal_name.casefold() == key.casefold())
        candidates = (self.users.get(key), *named)
        return next((user for user in candidates if user is not None and not user.deleted), None)

    def deleted_user(self, user_id: str) -> User | None:
        """The deleted user of this id."""
        user = self.users.get(user_id)
        return user if user is not None and user.deleted else None

    def _clear(self, device: Device, what: Assignment) -> None:
        if what is Assignment.USER:
            device.user_principal_name = ""
            device.addressable_user_name = ""
        else:
            device.resource_name = ""


_DEVICE_FIELDS: Final = {
    "id": "id",
    "serialNumber": "serial_number",
    "userPrincipalName": "user_principal_name",
    "addressableUserName": "addressable_user_name",
    "resourceName": "resource_name",
    "groupTag": "group_tag",
    "managedDeviceId": "managed_device_id",
    "azureActiveDirectoryDeviceId": "entra_device_id",
    "displayName": "display_name",
    "model": "model",
    "manufacturer": "manufacturer",
    "enrollmentState": "enrollment_state",
    "lastContactedDateTime": "last_contacted",
}
_USER_FIELDS: Final = {"id": "id", "userPrincipalName": "user_principal_name", "deleted": "deleted"}


def load(path: Path | str) -> Tenant:
    """A tenant from a JSON file, `{"devices": [...], "users": [...]}`, with Graph's property names.

    Raises ValueError for a name that is not known here, or an id used twice; OSError if the file can't be read.
    """
    content = json.loads(Path(path).read_text(encoding="utf-8"))
    devices = (Device(**_renamed(entry, _DEVICE_FIELDS)) for entry in content.get("devices", ()))
    users = (User(**_renamed(entry, _USER_FIELDS)) for entry in content.get("users", ()))
    return Tenant(devices, users)


def _renamed(entry: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    if unknown := entry.keys() - names.keys():
        raise ValueError(f"a tenant file knows no {', '.join(sorted(unknown))}")
    return {names[name]: value for name, value in entry.items()}
