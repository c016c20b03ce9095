"""The identifiers of users and devices, a type each, and when two of them mean the same.

A laptop has four ids and a serial number, a user has two; mixing them up clears the wrong device.
"""

import re
from collections.abc import Iterable
from typing import Final, NewType

AutopilotDeviceId = NewType("AutopilotDeviceId", str)
"""The `id` of a windowsAutopilotDeviceIdentity."""
ManagedDeviceId = NewType("ManagedDeviceId", str)
"""The `id` of the Intune managed device."""
EntraDeviceId = NewType("EntraDeviceId", str)
"""The Entra `deviceId` (Graph's azureActiveDirectoryDeviceId), not the directory object's `id`."""
SerialNumber = NewType("SerialNumber", str)
UserPrincipalName = NewType("UserPrincipalName", str)
UserObjectId = NewType("UserObjectId", str)
"""The Entra user's `id`."""
EventId = NewType("EventId", str)

NO_ID: Final = "00000000-0000-0000-0000-000000000000"
"""What Intune writes where it knows no id (seen in azureActiveDirectoryDeviceId)."""

_PLACEHOLDERS: Final = frozenset(
    {
        "0123456789",
        "123456789",
        "1234567890",
        "chassisserialnumber",
        "default",
        "defaultstring",
        "empty",
        "invalid",
        "na",
        "none",
        "notapplicable",
        "notavailable",
        "notspecified",
        "null",
        "oem",
        "serialnumber",
        "sn",
        "systemserialnumber",
        "tobefilledbyoem",
        "unknown",
    },
)


def folded(identifier: str) -> str:
    """The form in which two identifiers are compared: without surrounding space, case-folded."""
    return identifier.strip().casefold()


def same(left: str | None, right: str | None) -> bool:
    """Whether two identifiers of one kind mean the same; an empty or missing one never matches anything."""
    if left is None or right is None:
        return False
    return bool(folded(left)) and folded(left) == folded(right)


def unique[T: str](identifiers: Iterable[T]) -> tuple[T, ...]:
    """Each identifier once, as it was written first, in the order of first sight."""
    seen: dict[str, T] = {}
    for identifier in identifiers:
        seen.setdefault(folded(identifier), identifier)
    return tuple(seen.values())


def is_placeholder_serial_number(serial_number: str) -> bool:
    """Whether a serial number is firmware's filler (`To be filled by O.E.M.`, `Default string`, all one character).

    Many machines share such a number, so it names none of them.
    """
    letters = re.sub(r"[^0-9a-z]", "", folded(serial_number))
    return len(set(letters)) <= 1 or letters in _PLACEHOLDERS


def is_no_id(identifier: str) -> bool:
    """Whether an id is the all-zeros one that stands for none."""
    return folded(identifier) == NO_ID
