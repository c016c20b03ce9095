"""The Autopilot device: the few fields of Graph's windowsAutopilotDeviceIdentity that decisions need."""

from dataclasses import dataclass
from typing import assert_never

from shared.domain.events import (
    Action,
    AutopilotDeviceKey,
    DeviceKey,
    EntraDeviceKey,
    ManagedDeviceKey,
    SerialNumberKey,
)
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
    same,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AutopilotDevice:
    """One Autopilot record as Graph gave it; an empty field is None.

    `addressable_user_name` is the greeting's text and identifies nobody. `resource_name` marks a resource account.
    """

    autopilot_device_id: AutopilotDeviceId
    serial_number: SerialNumber | None = None
    user_principal_name: UserPrincipalName | None = None
    addressable_user_name: str | None = None
    resource_name: str | None = None
    group_tag: str | None = None
    managed_device_id: ManagedDeviceId | None = None
    entra_device_id: EntraDeviceId | None = None

    def assigned(self, action: Action) -> str | None:
        """Whom or what the action would unassign: the user principal name or the resource account's name."""
        return self.user_principal_name if action is Action.UNASSIGN_USER else self.resource_name

    def has(self, key: DeviceKey) -> bool:
        """Whether this is the device that the key names."""
        match key:
            case AutopilotDeviceKey(autopilot_device_id):
                return same(self.autopilot_device_id, autopilot_device_id)
            case SerialNumberKey(serial_number):
                return same(self.serial_number, serial_number)
            case EntraDeviceKey(entra_device_id):
                return same(self.entra_device_id, entra_device_id)
            case ManagedDeviceKey(managed_device_id):
                return same(self.managed_device_id, managed_device_id)
            case _:
                assert_never(key)
