"""The two events that the service acts on, as the handlers see them: decoded, checked, free of any wire format."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    EventId,
    ManagedDeviceId,
    SerialNumber,
    UserObjectId,
    UserPrincipalName,
)


class Action(StrEnum):
    """What can be unassigned from an Autopilot device."""

    UNASSIGN_USER = "unassignUser"
    UNASSIGN_RESOURCE_ACCOUNT = "unassignResourceAccount"


UNASSIGN_USER_ONLY: Final = (Action.UNASSIGN_USER,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What both events carry: which event, since when, for whom, and whether to write at all.

    `effective_at` in the future puts the event off; `dry_run` here or in the settings makes the run dry.
    """

    event_id: EventId
    occurred_at: datetime | None = None
    effective_at: datetime | None = None
    requested_by: str | None = None
    ticket: str | None = None
    reason: str | None = None
    dry_run: bool = False

    def dates_from(self, arrived_at: datetime) -> datetime:
        """The moment from which the event's age counts: when it took effect, else happened, else arrived."""
        moments = [moment for moment in (self.effective_at, self.occurred_at) if moment is not None]
        return max(moments, default=arrived_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserOffboarded:
    """Somebody left; all their Autopilot devices lose their user.

    At least one of `user_object_id` and `user_principal_names` (the current one first, then the previous ones) is given.
    """

    TYPE: ClassVar[str] = "user.offboarded"

    request: Request
    user_object_id: UserObjectId | None = None
    user_principal_name: UserPrincipalName | None = None
    previous_user_principal_names: tuple[UserPrincipalName, ...] = ()


type DeviceKey = AutopilotDeviceKey | SerialNumberKey | EntraDeviceKey | ManagedDeviceKey


@dataclass(frozen=True, slots=True)
class AutopilotDeviceKey:
    """A device named by its Autopilot id."""

    autopilot_device_id: AutopilotDeviceId


@dataclass(frozen=True, slots=True)
class SerialNumberKey:
    """A device named by its serial number."""

    serial_number: SerialNumber


@dataclass(frozen=True, slots=True)
class EntraDeviceKey:
    """A device named by its Entra device id."""

    entra_device_id: EntraDeviceId


@dataclass(frozen=True, slots=True)
class ManagedDeviceKey:
    """A device named by its Intune id."""

    managed_device_id: ManagedDeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRetired:
    """A device was retired; it loses its user, its resource account, or both, as `actions` says."""

    TYPE: ClassVar[str] = "device.retired"

    request: Request
    device: DeviceKey
    assigned_user_principal_name: UserPrincipalName | None = None
    actions: tuple[Action, ...] = UNASSIGN_USER_ONLY
    resource_account_name: str | None = None


type Event = UserOffboarded | DeviceRetired
