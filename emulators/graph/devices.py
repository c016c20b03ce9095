"""Autopilot devices as Graph shows them: JSON, `$filter`, `$top` and pages. Knows neither actions nor faults."""

import re
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from emulators.graph import messages
from emulators.graph.messages import Answer, ApiVersion, GraphRequest
from emulators.graph.tenant import Device

NEVER: Final = "0001-01-01T00:00:00Z"
_CONTAINS: Final = re.compile(r"\s*contains\(\s*serialNumber\s*,\s*'((?:[^']|'')*)'\s*\)\s*")
_KNOWN_OPTIONS: Final = frozenset({"$top", "$filter", "$skiptoken"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _ListQuery:
    serial_part: str
    top: int
    after: str


def as_json(device: Device, api_version: ApiVersion, *, in_list: bool) -> dict[str, Any]:
    """The record as Graph shows it; a list leaves the computed properties empty."""
    shown: dict[str, Any] = {
        "id": device.id,
        "groupTag": device.group_tag,
        "purchaseOrderIdentifier": "",
        "serialNumber": device.serial_number,
        "productKey": "",
        "manufacturer": device.manufacturer,
        "model": device.model,
        "enrollmentState": device.enrollment_state,
        "lastContactedDateTime": NEVER if in_list else device.last_contacted,
        "addressableUserName": device.addressable_user_name,
        "userPrincipalName": device.user_principal_name,
        "resourceName": device.resource_name,
        "skuNumber": "",
        "systemFamily": "",
        "azureActiveDirectoryDeviceId": device.entra_device_id,
        "managedDeviceId": device.managed_device_id,
        "displayName": device.display_name,
    }
    if api_version == "beta":
        shown |= {
            "azureAdDeviceId": device.entra_device_id,
            "deviceAccountUpn": "",
            "deviceAccountPassword": "",
            "deviceFriendlyName": "",
            "userlessEnrollmentStatus": "unknown",
        }
    return shown


def page(devices: Mapping[str, Device], request: GraphRequest, *, page_size: int) -> Answer:
    """One page of the list, ordered by id, with an absolute link to the next one if there is more.

    The link holds the last id and not a position, so a record that comes or goes between two pages shifts no other.
    """
    query = _parse(request, page_size)
    if isinstance(query, Answer):
        return query
    ids = sorted(devices)
    found = []
    for device_id in ids[bisect_right(ids, query.after) :]:
        device = devices.get(device_id)  # it may have been removed meanwhile
        if device is not None and query.serial_part in (device.serial_number or "").casefold():
            found.append(device)
            if len(found) > query.top:
                break
    shown = found[: query.top]
    body: dict[str, Any] = {
        "@odata.context": f"{request.root}/{request.api_version}/$metadata#deviceManagement/windowsAutopilotDeviceIdentities",
        "value": [as_json(device, request.api_version, in_list=True) for device in shown],
    }
    if len(found) > query.top:
        body["@odata.nextLink"] = request.url({"$skiptoken": shown[-1].id})
    return Answer(status=200, body=body)


def _parse(request: GraphRequest, page_size: int) -> _ListQuery | Answer:
    if "$select" in request.query:
        return messages.intune_error(500, "An error has occurred")
    if unknown := {name for name in request.query if name.startswith("$")} - _KNOWN_OPTIONS:
        return messages.unexpected(f"{', '.join(sorted(unknown))} on the list of devices")
    contains = _CONTAINS.fullmatch(request.query.get("$filter", "contains(serialNumber,'')"))
    top = request.query.get("$top", str(page_size))
    if contains is None or not top.isdecimal() or int(top) == 0:
        return messages.intune_error(400, "An error has occurred")
    serial_part = contains[1].replace("''", "'").casefold()
    after = request.query.get("$skiptoken", "")
    return _ListQuery(serial_part=serial_part, top=min(int(top), page_size), after=after)
