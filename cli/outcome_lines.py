"""Outcome events as lines of text, one for each device, and the topic's emulated subscription as their source."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION
from cli.words import as_word
from emulators.servicebus.server import ServiceBusEmulator


class Outcomes:
    """What was published since the last look.

    Looks at the subscription and takes nothing from it; what another receiver completes between two looks is not seen.
    """

    def __init__(self, service_bus: ServiceBusEmulator) -> None:
        self._service_bus = service_bus
        self._last = 0

    def new_lines(self) -> Iterator[str]:
        """The lines of the outcome events that came since, in their order."""
        held = self._service_bus.snapshot(f"{OUTCOMES}/Subscriptions/{OUTCOMES_SUBSCRIPTION}")
        messages = (*held.active, *held.locked, *held.deferred)
        for message in sorted(messages, key=lambda each: each.sequence_number):
            if message.sequence_number > self._last:
                self._last = message.sequence_number
                yield from lines(json.loads(message.body)["data"])


def lines(data: Mapping[str, Any]) -> Iterator[str]:
    """One line for each device of an outcome event's data; one for a message without devices."""
    start = f"{as_word(data['eventId'])} {data['outcome']}"
    if data["dryRun"]:
        start += " (dry run)"
    if data["deadLetterReason"]:
        start += f", dead-lettered {data['deadLetterReason']}"
    end = f", attempt {data['attempt']}"
    for device in data["devices"]:
        yield f"{start}: {_device(device)}{end}"
    if not data["devices"]:
        yield f"{start}{end}"


def _device(device: Mapping[str, Any]) -> str:
    detail = f" ({as_word(device['detail'])})" if device["detail"] else ""
    return f"device {as_word(device['autopilotDeviceId'])}, {device['action']}: {device['outcome']}{detail}"
