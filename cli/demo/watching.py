"""What has become of the demo's messages so far: their settlement from the emulated queue, their outcome from the topic."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cli.demo.script import Step
from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """One message as it stands: `settlement` is "" while it is on its way; `data` is its outcome event's, once there."""

    step: Step
    settlement: str
    copies: int
    data: Mapping[str, Any] | None

    @property
    def final(self) -> bool:
        """Whether it is settled for good and its outcome has been published."""
        return bool(self.settlement) and self.data is not None

    def outcomes(self) -> dict[str, str]:
        """The outcome of each device, by Autopilot id."""
        return {line["autopilotDeviceId"]: line["outcome"] for line in (self.data or {}).get("devices", [])}

    def differences(self) -> list[str]:
        """What is not as the script says; nothing if all is well."""
        expected = self.step.expected
        data = self.data or {}
        compared = (
            ("settlement", self.settlement or "none", expected.settlement),
            ("outcome", data.get("outcome"), expected.outcome),
            ("devices", self.outcomes(), dict(expected.devices)),
            ("attempt", data.get("attempt"), expected.attempts),
        )
        return [f"{what}: {found}, expected {wanted}" for what, found, wanted in compared if found != wanted]


def look(service_bus: ServiceBusEmulator, steps: Sequence[Step]) -> list[Seen]:
    """How every message stands now."""
    published = [
        json.loads(m.body) for m in service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}").active
    ]
    documents = {event["data"]["eventId"]: event["data"] for event in published}
    ended = {(e.entity, str(e.message_id)): e.operation for e in service_bus.trace if e.fault is None}
    return [_seen(service_bus, step, documents, ended) for step in steps]


def _seen(
    service_bus: ServiceBusEmulator,
    step: Step,
    documents: Mapping[str, Mapping[str, Any]],
    ended: Mapping[tuple[str, str], Operation],
) -> Seen:
    copies = 0
    while (step.queue, f"{step.message_id}:{copies + 1}") in ended:
        copies += 1
    last = step.message_id if copies == 0 else f"{step.message_id}:{copies}"
    settlement = ""
    match ended.get((step.queue, last)):
        case Operation.COMPLETE:
            settlement = "Complete"
        case Operation.DEAD_LETTER:
            dead = service_bus.snapshot(step.queue).dead_lettered
            settlement = next((m.dead_letter_reason or "" for m in dead if m.message_id == last), "")
        case _:
            pass
    event_id = json.loads(step.body)["eventId"]
    return Seen(
        step=step, settlement=settlement, copies=copies, data=documents.get(event_id) or documents.get(step.message_id)
    )
