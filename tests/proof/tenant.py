"""The tenant: the emulated Graph's state machine, called directly, and whom its records ever named. Knows no message."""

from collections.abc import Iterable
from datetime import timedelta

from emulators.graph.access import Access
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import INTUNE
from emulators.graph.service import GraphService
from emulators.graph.tenant import Device
from emulators.graph.tenant import Tenant as Records
from shared import ports
from shared.domain.device import AutopilotDevice
from tests import graph_values


class Tenant:
    """An accepted POST clears its record `lag` later, unless it was assigned anew by then. A list has pages of `page_size`.

    `named` has everybody whom a record ever named.
    """

    def __init__(
        self, clock: ports.Clock, devices: Iterable[AutopilotDevice], *, lag: timedelta, page_size: int
    ) -> None:
        self._clock = clock
        self._records = Records(map(_record, devices))
        operations = Operations(self._records, clock, Behaviour(clears_after=lag, page_size=page_size))
        self._service = GraphService(operations, clock, Access(clock, graph_values.TOKEN), INTUNE)
        self.named = {name: {record.user_principal_name} for name, record in self._records.devices.items()}

    @property
    def devices(self) -> list[str]:
        """The ids of all records."""
        return list(self._records.devices)

    def answer(self, request: GraphRequest) -> Answer:
        """What Graph answers to one request, alone or in a batch."""
        return self._service.throttle(request) or self._service.answer(request)

    def assign(self, device: str, user: str) -> None:
        """An administrator assigns the device."""
        self._records.sweep(self._clock.now())
        self._records.assign_user(device, user)
        self.named[device].add(user)

    def user_of(self, device: str) -> str | None:
        """Whom the record names now, or None if there is no such record."""
        self._records.sweep(self._clock.now())
        record = self._records.find(device)
        return None if record is None else record.user_principal_name or None


def _record(device: AutopilotDevice) -> Device:
    return Device(
        id=device.autopilot_device_id,
        serial_number=device.serial_number or "",
        user_principal_name=device.user_principal_name or "",
        addressable_user_name=device.addressable_user_name or "",
    )
