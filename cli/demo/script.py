"""What the demo sends, and what must come of each message. The demo fails if anything differs from what stands here."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from cli.demo.tenant import identifier, user
from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING

EFFECTIVE_IN: Final = timedelta(seconds=6)

ADELES: Final = {
    "adele's laptop": "unassigned",
    "adele's tablet": "assignedToSomeoneElse",
    "adele's old laptop": "alreadyUnassigned",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """How a message must end: `Complete` or a dead-letter reason, the outcome, each device's outcome, the attempts."""

    settlement: str = "Complete"
    outcome: str
    devices: Mapping[str, str] = field(default_factory=dict)
    attempts: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One message: what it shows, its queue, its body, and what must come of it."""

    name: str
    queue: str
    message_id: str
    body: bytes
    expected: Expected


def steps(effective_at: str) -> Sequence[Step]:
    """All messages of the demo, in the order of sending; `effective_at` is the time of the one that waits."""
    adele = {"userPrincipalName": user("adele.vance")}
    return (
        _left("a leaver with three devices, two of them changed meanwhile", "HR-1001", adele, outcome="assignedToSomeoneElse",
              devices=ADELES),
        _left("the same event once more", "HR-1001", adele, message_id="HR-1001-again", outcome="assignedToSomeoneElse",
              devices=ADELES),
        _left("a leaver by a former name", "HR-1002",
              {"userPrincipalName": user("megan.bowen"), "previousUserPrincipalNames": [user("megan.bowen.maiden.name")]},
              outcome="unassigned", devices={"megan's laptop": "unassigned"}),
        _left("a name in other letters", "HR-1003", {"userPrincipalName": user("grady.archie").upper()},
              outcome="unassigned", devices={"grady's laptop": "unassigned"}),
        _left("a leaver without devices", "HR-1004", {"userPrincipalName": user("debra.berger")}, outcome="noDevices"),
        _left("a moment of throttling: Graph says 429, wait", "HR-1005", {"userPrincipalName": user("diego.siciliani")},
              outcome="unassigned", devices={"diego's laptop": "unassigned"}, attempts=2),
        _left("a dry run", "HR-1006", {"userPrincipalName": user("lee.gu")}, outcome="wouldUnassign",
              devices={"lee's laptop": "wouldUnassign"}, dryRun=True),
        _left("a last day that is still to come", "HR-1007", {"userPrincipalName": user("pradeep.gupta")}, outcome="unassigned",
              devices={"pradeep's laptop": "unassigned"}, effectiveAt=effective_at),
        _left("a user with suspiciously many devices", "HR-1008", {"userPrincipalName": user("kiosk")}, outcome="failed",
              settlement="TooManyDevices"),
        _retired("a retired device by serial number", "IT-2001", {"serialNumber": "r90x-retired"}, outcome="unassigned",
                 devices={"retired by serial": "unassigned"}),
        _retired("by Entra device id", "IT-2002", {"entraDeviceId": identifier("retired by entra id/entra")}, outcome="unassigned",
                 devices={"retired by entra id": "unassigned"}),
        _retired("by Intune id", "IT-2003", {"managedDeviceId": identifier("retired by intune id/managed")}, outcome="unassigned",
                 devices={"retired by intune id": "unassigned"}),
        _retired("by Autopilot id, but given to somebody else", "IT-2004", {"autopilotDeviceId": identifier("given away")},
                 outcome="assignedToSomeoneElse", devices={"given away": "assignedToSomeoneElse"},
                 assignedUserPrincipalName=user("henrietta.mueller")),
        _retired("a device that Graph does not know", "IT-2005", {"autopilotDeviceId": identifier("nowhere")}, outcome="notFound",
                 devices={"nowhere": "notFound"}),
        _retired("two devices with one serial number", "IT-2006", {"serialNumber": "TWIN-1"}, outcome="failed",
                 settlement="AmbiguousDevice"),
        _retired("a serial number that is none", "IT-2007", {"serialNumber": "To be filled by O.E.M."}, outcome="failed",
                 settlement="PlaceholderSerialNumber"),
        _retired("an action that is switched off", "IT-2008", {"autopilotDeviceId": identifier("meeting room")}, outcome="failed",
                 settlement="ActionNotAllowed", actions=["unassignResourceAccount"]),
        _retired("a mistyped key", "IT-2009", {"autopilotDeviceId": identifier("retired by serial")}, outcome="failed",
                 settlement="InvalidMessage", dryrun=True),
    )  # fmt: skip


def _left(name: str, event_id: str, person: Mapping[str, Any], **rest: Any) -> Step:
    return _step(name, USER_OFFBOARDING, event_id, {"user": dict(person)}, **rest)


def _retired(name: str, event_id: str, device: Mapping[str, Any], **rest: Any) -> Step:
    return _step(name, DEVICE_RETIREMENT, event_id, {"device": dict(device)}, **rest)


def _step(
    name: str,
    queue: str,
    event_id: str,
    body: Mapping[str, Any],
    *,
    outcome: str,
    settlement: str = "Complete",
    devices: Mapping[str, str] | None = None,
    attempts: int = 1,
    message_id: str | None = None,
    **fields: Any,
) -> Step:
    by_id = {identifier(device): each for device, each in (devices or {}).items()}
    return Step(
        name=name,
        queue=queue,
        message_id=message_id or event_id,
        body=json.dumps({"eventId": event_id, **body, **fields}).encode(),
        expected=Expected(settlement=settlement, outcome=outcome, devices=by_id, attempts=attempts),
    )
