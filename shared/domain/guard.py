"""What must not be touched without an operator: protected users and devices, and a user with suspiciously many devices."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from shared.domain.device import AutopilotDevice
from shared.domain.errors import ProtectedDevice, ProtectedUser, TooManyDevices
from shared.domain.identifiers import folded


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The limits from the settings. Patterns ignore case; `*` matches any run of characters, nothing else is special."""

    max_devices_per_user: int
    protected_users: Sequence[str] = ()
    protected_group_tags: Sequence[str] = ()
    protected_serial_numbers: Sequence[str] = ()

    def check_user(self, names: Iterable[str | None]) -> None:
        """Raise ProtectedUser if any name (a user principal name or an object id) is protected."""
        if any(_matches(name, self.protected_users) for name in names):
            raise ProtectedUser("the user is named in PROTECTED_USERS")

    def check_devices(self, devices: Iterable[AutopilotDevice]) -> None:
        """Raise ProtectedDevice for the first device whose serial number or group tag is protected."""
        for device in devices:
            if _matches(device.serial_number, self.protected_serial_numbers):
                raise ProtectedDevice(f"device {device.autopilot_device_id} is named in PROTECTED_SERIAL_NUMBERS")
            if _matches(device.group_tag, self.protected_group_tags):
                raise ProtectedDevice(f"device {device.autopilot_device_id} has a tag named in PROTECTED_GROUP_TAGS")

    def check_number(self, number: int) -> None:
        """Raise TooManyDevices if one user has more devices than may be touched unasked."""
        if number > self.max_devices_per_user:
            raise TooManyDevices(f"{number} devices name the user; MAX_DEVICES_PER_USER is {self.max_devices_per_user}")


def _matches(value: str | None, patterns: Sequence[str]) -> bool:
    if value is None or not folded(value):
        return False
    return any(fnmatchcase(folded(value), _literal_but_star(pattern)) for pattern in patterns)


def _literal_but_star(pattern: str) -> str:
    """The fnmatch form of a pattern in which only `*` is special."""
    return folded(pattern).replace("[", "[[]").replace("?", "[?]")
