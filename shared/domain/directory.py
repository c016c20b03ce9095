"""The whole Autopilot list at one moment, and who is found in it. Pure: how it was scanned is the adapter's affair."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.device import AutopilotDevice
from shared.domain.identifiers import (
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
    folded,
    is_no_id,
)

type _Index = Mapping[str, Sequence[AutopilotDevice]]


@dataclass(frozen=True, slots=True)
class Directory:
    """A complete scan, as of `read_at` (UTC; when the scan began). Devices are unique by id.

    Entries of a list can be stale or incomplete: a device found here is read by id before anything is done to it.
    """

    devices: Sequence[AutopilotDevice]
    read_at: datetime
    _indexes: dict[str, _Index] = field(init=False, repr=False, compare=False, default_factory=dict)

    def of_user(self, names: Iterable[UserPrincipalName]) -> list[AutopilotDevice]:
        """The devices assigned to any of the names, each device once; an empty name matches nothing."""
        found = (device for name in names for device in self._with("user_principal_name", name))
        return list({device.autopilot_device_id: device for device in found}.values())

    def with_serial_number(self, serial_number: SerialNumber) -> list[AutopilotDevice]:
        """The devices with exactly this serial number, case aside."""
        return list(self._with("serial_number", serial_number))

    def with_entra_device_id(self, entra_device_id: EntraDeviceId) -> list[AutopilotDevice]:
        """The devices with this Entra device id; the all-zeros id names none."""
        return list(self._with("entra_device_id", entra_device_id))

    def with_managed_device_id(self, managed_device_id: ManagedDeviceId) -> list[AutopilotDevice]:
        """The devices with this Intune id; the all-zeros id names none."""
        return list(self._with("managed_device_id", managed_device_id))

    def _with(self, attribute: str, key: str) -> Sequence[AutopilotDevice]:
        """Looked up in an index that is made when it is first asked for: a list is long, and asked for one kind of key mostly."""
        if attribute not in self._indexes:
            self._indexes[attribute] = _index(self.devices, attribute)
        return self._indexes[attribute].get(folded(key), ())


def _index(devices: Iterable[AutopilotDevice], attribute: str) -> _Index:
    """The devices by one of their keys, folded; none by an empty key or the all-zeros id.

    Most keys are written folded already: they are not kept twice.
    """
    index: dict[str, list[AutopilotDevice]] = {}
    for device in devices:
        written: str | None = getattr(device, attribute)
        if written and (key := folded(written)) and not is_no_id(key):
            index.setdefault(written if key == written else key, []).append(device)
    return {key: tuple(found) for key, found in index.items()}
