"""The whole Autopilot list at one moment, and who is found in it. Pure: how it was scanned is the adapter's affair."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.device import AutopilotDevice
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
    folded,
    is_no_id,
    same,
)


@dataclass(frozen=True, slots=True)
class Directory:
    """A complete scan, as of `read_at` (UTC; when the scan began). Devices are unique by id.

    Entries of a list can be stale or incomplete: a device found here is read by id before anything is done to it.
    """

    devices: Sequence[AutopilotDevice]
    read_at: datetime
    _by_user: dict[str, list[AutopilotDevice]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_user: dict[str, list[AutopilotDevice]] = defaultdict(list)
        for device in self.devices:
            if device.user_principal_name:
                by_user[folded(device.user_principal_name)].append(device)
        object.__setattr__(self, "_by_user", dict(by_user))

    def of_user(self, names: Iterable[UserPrincipalName]) -> list[AutopilotDevice]:
        """The devices assigned to any of the names, each device once; an empty name matches nothing."""
        found: dict[AutopilotDeviceId, AutopilotDevice] = {}
        for name in names:
            for device in self._by_user.get(folded(name), ()) if folded(name) else ():
                found[device.autopilot_device_id] = device
        return list(found.values())

    def with_serial_number(self, serial_number: SerialNumber) -> list[AutopilotDevice]:
        """The devices with exactly this serial number, case aside."""
        return [device for device in self.devices if same(device.serial_number, serial_number)]

    def with_entra_device_id(self, entra_device_id: EntraDeviceId) -> list[AutopilotDevice]:
        """The devices with this Entra device id; the all-zeros id names none."""
        if is_no_id(entra_device_id):
            return []
        return [device for device in self.devices if same(device.entra_device_id, entra_device_id)]

    def with_managed_device_id(self, managed_device_id: ManagedDeviceId) -> list[AutopilotDevice]:
        """The devices with this Intune id; the all-zeros id names none."""
        if is_no_id(managed_device_id):
            return []
        return [device for device in self.devices if same(device.managed_device_id, managed_device_id)]
