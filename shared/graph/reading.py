"""From Graph's JSON to devices and users. Knows property names; whatever has another shape is Graph being unwell.

Read with our own hands: the library's models take a second to load, and accept anything.
"""

import re
import sys
from collections.abc import Mapping
from typing import Any, Final

from shared.domain.device import AutopilotDevice
from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import (
    NO_ID,
    AutopilotDeviceId,
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserObjectId,
    UserPrincipalName,
    folded,
)
from shared.ports import User

_HALF_A_PAIR: Final = re.compile("[\ud800-\udfff]")


def device(record: Mapping[str, Any]) -> AutopilotDevice:
    """One windowsAutopilotDeviceIdentity; an empty string is None. Raises GraphUnavailable for what isn't one.

    Source: learn.microsoft.com/graph/api/resources/intune-enrollment-windowsautopilotdeviceidentity
    """
    serial_number = _text(record, "serialNumber")
    user_principal_name = _text(record, "userPrincipalName")
    managed_device_id = _text(record, "managedDeviceId")
    entra_device_id = _text(record, "azureActiveDirectoryDeviceId")
    group_tag = _text(record, "groupTag")
    return AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId(_id(record)),
        serial_number=SerialNumber(serial_number) if serial_number else None,
        user_principal_name=UserPrincipalName(user_principal_name) if user_principal_name else None,
        addressable_user_name=_text(record, "addressableUserName"),
        resource_name=_text(record, "resourceName"),
        group_tag=sys.intern(group_tag) if group_tag else None,  # a few tags, thousands of devices
        managed_device_id=ManagedDeviceId(_one_zero(managed_device_id)) if managed_device_id else None,
        entra_device_id=EntraDeviceId(_one_zero(entra_device_id)) if entra_device_id else None,
    )


def user(record: Mapping[str, Any]) -> User | None:
    """One user as Entra knows it now; None if it has no user principal name to be found by."""
    name = _text(record, "userPrincipalName")
    if name is None:
        return None
    return User(user_object_id=UserObjectId(_id(record)), user_principal_name=UserPrincipalName(name))


def deleted_user(record: Mapping[str, Any]) -> User | None:
    """One deleted user, with the name from before: Entra puts the object id, with or without hyphens, in front of it."""
    found = user(record)
    if found is None:
        return None
    name = found.user_principal_name
    prefixes = (folded(found.user_object_id), folded(found.user_object_id).replace("-", ""))
    length = next((len(prefix) for prefix in prefixes if name.casefold().startswith(prefix)), 0)
    former = UserPrincipalName(name[length:]) or name
    return User(user_object_id=found.user_object_id, user_principal_name=former, deleted=True)


def _id(record: Mapping[str, Any]) -> str:
    value = _text(record, "id")
    if value is None:
        raise GraphUnavailable("graph answered with a record that has no id")
    return value


def _text(record: Mapping[str, Any], name: str) -> str | None:
    value = record.get(name)
    if value is not None and not isinstance(value, str):
        raise GraphUnavailable(f"graph answered with a {name} that is no text")
    if value and not value.isascii() and _HALF_A_PAIR.search(value):  # JSON can say it, and nobody could write it down
        raise GraphUnavailable(f"graph answered with a {name} that holds half of a surrogate pair")
    return value or None


def _one_zero(identifier: str) -> str:
    """The id that stands for none is kept, as one string for all the devices that have it."""
    return NO_ID if identifier == NO_ID else identifier
