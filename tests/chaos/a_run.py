"""The evidence of a run of one event in which all went well, for tests of the oracle to spoil."""

import dataclasses
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from cli.parts import OUTCOMES, USER_OFFBOARDING, VERIFICATION
from emulators.servicebus.trace import Operation, TraceEntry
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId, UserPrincipalName
from tests.chaos.evidence import Evidence, Published
from tests.chaos.load import Sending
from tests.chaos.stories import Kind, Story
from tests.chaos.tenant import Change, Post

BEGUN: Final = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
LEAVER: Final = "leaver@geheim.example"
DEVICE: Final = "d1"
OTHER: Final = "d2"
STORY: Final = Story(
    kind=Kind.LEAVER,
    event_id="m-000001",
    queue=USER_OFFBOARDING,
    asks={"user": {"userPrincipalName": LEAVER}},
    devices=(DEVICE,),
    about=frozenset({LEAVER}),
)
COMPLETED: Final = "completed-1"
VERIFIED: Final = "verified-1"
LOOK: Final = "user.offboarded:m-000001:0:verify:1"


def at(seconds: float) -> datetime:
    """So long after the begin."""
    return BEGUN + timedelta(seconds=seconds)


def happened(seconds: float, entity: str, operation: Operation, message_id: str) -> TraceEntry:
    """Something in a queue or on the topic."""
    return TraceEntry(at(seconds), entity, operation, message_id)


def published(
    message_id: str,
    kind: str,
    lines: Mapping[str, str],
    seconds: float,
    *,
    subject: str = "m-000001",
    before: str = LEAVER,
    run: int = 0,
    **asked: str,
) -> Published:
    """An outcome event that says so much of each device."""
    devices = [
        {"autopilotDeviceId": device, "outcome": said, "detail": None, "before": {"userPrincipalName": before}}
        for device, said in lines.items()
    ]
    data: dict[str, Any] = {
        "handledAt": at(seconds).isoformat(),
        "outcome": "unassigned",
        "devices": devices,
        "run": run,
    }
    data |= {**STORY.free_text, **asked}
    document = {"type": f"autopilot.unassignment.{kind}", "subject": subject, "data": data}
    return Published(message_id=message_id, document=json.dumps(document))


def entry(step: Step, seconds: float) -> Entry:
    """What the journal has about the event and its device."""
    return Entry(
        event_id=EventId("user.offboarded:m-000001"),
        run=0,
        attempt=1,
        action=Action.UNASSIGN_USER,
        step=step,
        device=AutopilotDevice(
            autopilot_device_id=AutopilotDeviceId(DEVICE), user_principal_name=UserPrincipalName(LEAVER)
        ),
        at=at(seconds),
    )


def cleared(seconds: float, user: str = LEAVER, device: str = DEVICE) -> Change:
    """The effect of a POST."""
    return Change(at=at(seconds), device=device, before=user, user="", by_administrator=False)


def went_well(**spoiled: Any) -> Evidence:
    """One leaver, one device, cleared and verified; and a device of somebody else."""
    good = Evidence(
        begun=BEGUN,
        verify_after=timedelta(minutes=10),
        sendings=[Sending("m-000001", STORY)],
        tried_at={"m-000001": at(0)},
        trace=[
            happened(0, USER_OFFBOARDING, Operation.SEND, "m-000001"),
            happened(1, USER_OFFBOARDING, Operation.DELIVER, "m-000001"),
            happened(3, VERIFICATION, Operation.SCHEDULE, LOOK),
            happened(4, OUTCOMES, Operation.SEND, COMPLETED),
            happened(5, USER_OFFBOARDING, Operation.COMPLETE, "m-000001"),
            happened(604, OUTCOMES, Operation.SEND, VERIFIED),
            happened(605, VERIFICATION, Operation.COMPLETE, LOOK),
        ],
        published=[
            published(COMPLETED, "completed", {DEVICE: "unassigned"}, 4),
            published(VERIFIED, "verified", {DEVICE: "verified"}, 604),
        ],
        entries={STORY.key: [entry(Step.INTENT, 1.5), entry(Step.ACCEPTED, 2.5)]},
        posts=[Post(at=at(2), device=DEVICE, user=LEAVER)],
        changes=[cleared(3)],
        before={DEVICE: LEAVER, OTHER: "somebody@geheim.example"},
        after={DEVICE: "", OTHER: "somebody@geheim.example"},
    )
    return dataclasses.replace(good, **spoiled)
