"""The ports with nothing behind them, so that what is measured is our own code. Dictionaries; every answer is at once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from shared import assembly, bootstrap, ports
from shared.assembly import Machine, Messages, Tenant
from shared.domain.acts import Act
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.events import Action
from shared.domain.history import Entry
from shared.domain.identifiers import AutopilotDeviceId, EventId, SerialNumber, UserPrincipalName
from shared.messaging.conclusion import Conclusion
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.processor import Processor
from tests import builders, fakes
from tests.fakes_journal import InMemoryJournal

DRAWN: Final = 0.5


class Devices:
    """ports.AutopilotDevices over a dictionary; the list is the one of the beginning."""

    def __init__(self, devices: Sequence[AutopilotDevice]) -> None:
        self._devices = {device.autopilot_device_id: device for device in devices}
        self._directory = Directory(devices, fakes.NOW)

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        """As ports.AutopilotDevices."""
        return self._devices.get(device)

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        """As ports.AutopilotDevices."""
        self._devices[device] = replace(self._devices[device], user_principal_name=None)

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        """As ports.AutopilotDevices."""
        return self._directory.with_serial_number(serial_number)

    async def directory(self, *, trusted: bool = False) -> Directory:
        """As ports.AutopilotDevices."""
        return self._directory


class Journal:
    """ports.Journal, an event at a time."""

    def __init__(self) -> None:
        self._events: defaultdict[str, InMemoryJournal] = defaultdict(InMemoryJournal)

    async def read(self, event_id: EventId) -> ports.Record:
        """As ports.Journal."""
        return await self._events[event_id].read(event_id)

    async def append(self, entry: Entry) -> None:
        """As ports.Journal."""
        await self._events[entry.event_id].append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """As ports.Journal."""
        return await self._events[conclusion.event_id].conclude(conclusion)

    async def note(self, act: Act) -> Act:
        """As ports.Journal."""
        return await self._events[act.event_id].note(act)


class ServiceBus:
    """ports.Settler and ports.OutcomePublisher; counts."""

    def __init__(self) -> None:
        self.completed = 0
        self.published = 0
        self.scheduled = 0

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """As ports.Settler."""
        self.completed += isinstance(settlement, Complete)

    async def schedule(self, copy: ScheduledCopy) -> None:
        """As ports.Settler: verifications, which are never delivered here."""
        self.scheduled += 1

    async def publish(self, publication: Publication) -> None:
        """As ports.OutcomePublisher."""
        self.published += 1


def tenant(devices: int) -> Sequence[AutopilotDevice]:
    """A device for each of so many leavers, with all its ids."""
    return [
        AutopilotDevice(
            autopilot_device_id=AutopilotDeviceId(f"7e8d0f4c-0000-4000-8000-{number:012}"),
            serial_number=SerialNumber(f"5CG{number:07}"),
            user_principal_name=UserPrincipalName(leaver(number)),
            addressable_user_name=f"Leaver Number {number}",
            group_tag="standard",
        )
        for number in range(devices)
    ]


def leaver(number: int) -> str:
    """Whose device the one of this number is."""
    return f"leaver{number}@contoso.example"


def offboarded(number: int) -> builders.Trigger:
    """The message about a leaver, as a sender writes it who fills in everything that is usual."""
    body: Mapping[str, object] = {
        "user": {"userPrincipalName": leaver(number), "id": f"7e8d0f4c-0000-4000-8000-{number:012}"},
        "occurredAt": "2026-11-22T09:00:00Z",
        "requestedBy": "hr@contoso.example",
        "ticket": f"HR-{number}",
    }
    return builders.Trigger(body=builders.as_bytes(body), message_id=f"message-{number}")


def processor(devices: Devices, service_bus: ServiceBus) -> Processor:
    """The service between the stubs."""
    return assembly.processor(
        Tenant(devices=devices, users=None),
        Messages(settler=service_bus, publisher=service_bus, queues=builders.QUEUES),
        Journal(),
        Machine(clock=fakes.FakeClock(), jitter=lambda: DRAWN, pseudonym=bootstrap.pseudonym("0123456789abcdef")),
        builders.RULES,
    )
