"""The Autopilot device: the few fields of Graph's windowsAutopilotDeviceIdentity that decisions need."""

from dataclasses import dataclass

from shared.domain.events import Action
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
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
