"""Journal rows: entries, conclusions and acts as JSON text, and back. Pure; knows no storage.

Every adapter stores these texts, so a journal reads alike wherever it lies. Readers ignore keys that they don't know and take
a missing one for None, so that two versions of the service can share a journal while one replaces the other.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, Final, assert_never

from shared.domain.acts import Act, ActKind
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.domain.identifiers import (
    AutopilotDeviceId,
    EntraDeviceId,
    EventId,
    ManagedDeviceId,
    SerialNumber,
    UserPrincipalName,
)
from shared.messaging import incoming
from shared.messaging.conclusion import Conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter, LastSettlement

_REASONS: Final = {reason.value: reason for reason in Reason}


class UnreadableRow(ValueError):
    """A row that this version can't read: damaged, or written by a later version. The text never quotes it."""


def from_entry(entry: Entry) -> str:
    """An entry as JSON text."""
    return _text(
        {
            "eventId": entry.event_id,
            "run": entry.run,
            "attempt": entry.attempt,
            "step": entry.step.value,
            "action": entry.action.value,
            "device": _from_device(entry.device),
            "at": _from_time(entry.at),
            "dryRun": entry.dry_run,
            "fingerprint": entry.fingerprint,
        },
    )


def to_entry(text: str) -> Entry:
    """The entry of a row. Raises UnreadableRow."""
    try:
        row = json.loads(text)
        return Entry(
            event_id=EventId(row["eventId"]),
            run=row["run"],
            attempt=row["attempt"],
            step=Step(row["step"]),
            action=Action(row["action"]),
            device=_to_device(row["device"]),
            at=_to_time(row["at"]),
            dry_run=row["dryRun"],
            fingerprint=row["fingerprint"],
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableRow("an entry is damaged, or of a later version") from None


def from_conclusion(conclusion: Conclusion) -> str:
    """A conclusion as JSON text; the outcome event stays the text that it is, to be published bit for bit the same."""
    return _text(
        {
            "eventId": conclusion.event_id,
            "run": conclusion.run,
            "dryRun": conclusion.dry_run,
            "fingerprint": conclusion.fingerprint,
            "settlement": _from_settlement(conclusion.settlement),
            "document": conclusion.document,
            "at": _from_time(conclusion.at),
        },
    )


def to_conclusion(text: str) -> Conclusion:
    """The conclusion of a row. Raises UnreadableRow."""
    try:
        row = json.loads(text)
        return Conclusion(
            event_id=EventId(row["eventId"]),
            run=row["run"],
            dry_run=row["dryRun"],
            fingerprint=row["fingerprint"],
            settlement=_to_settlement(row["settlement"]),
            document=row["document"],
            at=_to_time(row["at"]),
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableRow("a conclusion is damaged, or of a later version") from None


def from_act(act: Act) -> str:
    """An act as JSON text."""
    return _text(
        {
            "eventId": act.event_id,
            "kind": act.kind.value,
            "actId": act.act_id,
            "run": act.run,
            "operator": act.operator,
            "reason": act.reason,
            "at": _from_time(act.at),
            "fingerprint": act.fingerprint,
        },
    )


def to_act(text: str) -> Act:
    """The act of a row. Raises UnreadableRow."""
    try:
        row = json.loads(text)
        return Act(
            event_id=EventId(row["eventId"]),
            kind=ActKind(row["kind"]),
            act_id=row["actId"],
            run=row["run"],
            operator=row["operator"],
            reason=row["reason"],
            at=_to_time(row["at"]),
            fingerprint=row.get("fingerprint") or "",
        )
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnreadableRow("an act is damaged, or of a later version") from None


def _from_device(device: AutopilotDevice) -> dict[str, str]:
    fields = {
        "autopilotDeviceId": device.autopilot_device_id,
        "serialNumber": device.serial_number,
        "userPrincipalName": device.user_principal_name,
        "addressableUserName": device.addressable_user_name,
        "resourceName": device.resource_name,
        "groupTag": device.group_tag,
        "managedDeviceId": device.managed_device_id,
        "entraDeviceId": device.entra_device_id,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _to_device(row: dict[str, Any]) -> AutopilotDevice:
    return AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId(row["autopilotDeviceId"]),
        serial_number=_optional(SerialNumber, row.get("serialNumber")),
        user_principal_name=_optional(UserPrincipalName, row.get("userPrincipalName")),
        addressable_user_name=row.get("addressableUserName"),
        resource_name=row.get("resourceName"),
        group_tag=row.get("groupTag"),
        managed_device_id=_optional(ManagedDeviceId, row.get("managedDeviceId")),
        entra_device_id=_optional(EntraDeviceId, row.get("entraDeviceId")),
    )


def _from_settlement(settlement: LastSettlement) -> dict[str, str]:
    match settlement:
        case Complete():
            return {"kind": "complete"}
        case DeadLetter(reason, description):
            return {"kind": "deadLetter", "reason": reason.value, "description": description}
        case _:
            assert_never(settlement)


def _to_settlement(row: dict[str, str]) -> LastSettlement:
    match row["kind"]:
        case "complete":
            return Complete()
        case "deadLetter":
            return DeadLetter(_REASONS[row["reason"]], row["description"])
        case _:
            raise UnreadableRow("a settlement of a later version")


def _optional[T](make: Callable[[str], T], value: str | None) -> T | None:
    return None if value is None else make(value)


def _from_time(moment: datetime) -> str:
    return incoming.aware(moment).isoformat()


def _to_time(text: str) -> datetime:
    return incoming.aware(datetime.fromisoformat(text))


def _text(row: dict[str, Any]) -> str:
    return json.dumps(row, separators=(",", ":"))
