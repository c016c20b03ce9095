"""Messages, devices and events with defaults, so that a test says only what it is about."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from shared.assembly import Rules
from shared.domain import events
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import Entry, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.messaging import incoming, recoverability
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.processor import Queues
from tests import fakes
from tests.fakes import NOW

LEAVER = "leaver.lastname@contoso.com"
SUCCESSOR = "successor.lastname@contoso.com"
LEAVER_ID = "6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11"
SUCCESSOR_ID = "0d9e6a58-0e4c-4b53-8e0b-8e27d0a4c9f2"
SERIAL_NUMBER = "PF3XK7Q9"
OFFBOARDING = "user-offboarding"
RETIREMENT = "device-retirement"
VERIFICATION = fakes.VERIFICATION

POLICY = recoverability.Policy(
    max_attempts=300,
    first_delay=timedelta(seconds=10),
    max_delay=timedelta(minutes=15),
    give_up_after=timedelta(hours=24),
    max_delivery_count=10,
)

QUEUES = Queues(user_offboarding=OFFBOARDING, device_retirement=RETIREMENT, verification=VERIFICATION)
RULES = Rules(
    guard=Guard(max_devices_per_user=10),
    dry_run=False,
    allow_resource_account=False,
    message_max_age=timedelta(days=7),
    verify_after=timedelta(minutes=10),
    verify_attempts=4,
    recoverability=POLICY,
)


def device(name: str = "d1", user: str | None = LEAVER, **fields: Any) -> AutopilotDevice:
    """An Autopilot record that names the leaver."""
    defaults = {"serial_number": f"{SERIAL_NUMBER}-{name}", "addressable_user_name": "Leaver Lastname"}
    return AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId(name), **{"user_principal_name": user, **defaults, **fields}
    )


def entry(step: Step, seen: AutopilotDevice | None = None, **fields: Any) -> Entry:
    """A journal entry of the first attempt."""
    defaults: dict[str, Any] = {
        "event_id": EventId("event-1"),
        "run": 0,
        "attempt": 1,
        "action": Action.UNASSIGN_USER,
        "at": NOW,
    }
    return Entry(step=step, device=seen or device(), **{**defaults, **fields})


def request(**fields: Any) -> events.Request:
    """What both events carry."""
    return events.Request(**{"event_id": EventId("event-1"), **fields})


def offboarded(**fields: Any) -> events.UserOffboarded:
    """The leaver, by user principal name."""
    return events.UserOffboarded(**{"request": request(), "user_principal_name": LEAVER, **fields})


def retired(key: events.DeviceKey | None = None, **fields: Any) -> events.DeviceRetired:
    """A retired device, by Autopilot id."""
    named = key or events.AutopilotDeviceKey(AutopilotDeviceId("d1"))
    return events.DeviceRetired(**{"request": request(), "device": named, **fields})


def offboarded_body(**fields: Any) -> dict[str, Any]:
    """The JSON of a `user.offboarded`."""
    return {"user": {"userPrincipalName": LEAVER}, **fields}


def retired_body(**fields: Any) -> dict[str, Any]:
    """The JSON of a `device.retired`."""
    return {"device": {"autopilotDeviceId": "d1"}, **fields}


def message(body: bytes | Mapping[str, Any] = b"{}", **fields: Any) -> IncomingMessage:
    """A message as the processor sees it; a mapping becomes a JSON body."""
    defaults: dict[str, Any] = {
        "queue": OFFBOARDING,
        "message_id": "message-1",
        "lock_token": "lock-1",
        "delivery_count": 1,
        "enqueued_at": NOW,
        "application_properties": {},
    }
    return IncomingMessage(body=as_bytes(body), **{**defaults, **fields})


def of_a_copy(**properties: Any) -> dict[str, Any]:
    """Application properties as a copy carries them; as they are sent if there are none."""
    return {"copy": 1, "originalMessageId": "message-1", **properties} if properties else {}


def as_bytes(body: bytes | Mapping[str, Any]) -> bytes:
    """A body as a sender would write it."""
    return body if isinstance(body, bytes) else json.dumps(body).encode()


@dataclass(slots=True, kw_only=True)
class Trigger:
    """A message as the trigger hands it over."""

    body: bytes | Mapping[str, Any] = b"{}"
    message_id: str = "message-1"
    lock_token: str | None = "lock-1"
    delivery_count: int | None = 1
    sequence_number: int | None = 1
    enqueued_time_utc: datetime | None = NOW
    application_properties: dict[str, Any] = field(default_factory=dict)
    content_type: str | None = None
    correlation_id: str | None = None
    subject: str | None = None
    to: str | None = None
    reply_to: str | None = None
    partition_key: str | None = None

    def get_body(self) -> bytes:
        return as_bytes(self.body)


def delivery(copy: ScheduledCopy, **fields: Any) -> Trigger:
    """A scheduled copy as the trigger delivers it, once its time has come."""
    defaults = {"enqueued_time_utc": copy.enqueue_at, "application_properties": dict(copy.application_properties)}
    return Trigger(**{"body": copy.original.body, "message_id": copy.message_id, **defaults, **fields})


def read(**fields: Any) -> IncomingMessage:
    """A trigger's message, read as the processor reads it."""
    return incoming.read(Trigger(**fields), queue=OFFBOARDING, now=NOW)
