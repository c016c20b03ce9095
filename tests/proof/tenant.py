"""The tenant: the emulated Graph's state machine, called directly, and whom its records ever named. Knows no message."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from emulators.graph import messages
from emulators.graph.access import Access
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import INTUNE
from emulators.graph.service import GraphService
from emulators.graph.tenant import NO_ID, Device
from emulators.graph.tenant import Tenant as Records
from shared import ports
from shared.domain.device import AutopilotDevice
from tests import graph_values


class Tenant:
    """An accepted POST clears its record `lag` later, unless it was assigned anew by then. A list has pages of `page_size`.

    `named` has everybody whom a record ever named, `restored` those whom an undo assigned again, `kept` those whom it found there
    still, in a Graph that is slower than VERIFY_AFTER. A POST on a device of `refuses` is refused with that status.
    """

    def __init__(
        self,
        clock: ports.Clock,
        devices: Iterable[AutopilotDevice],
        *,
        lag: timedelta,
        page_size: int,
        refuses: Mapping[str, int],
    ) -> None:
        self._clock = clock
        self._refuses = refuses
        self._records = Records(map(_record, devices))
        operations = Operations(self._records, clock, Behaviour(clears_after=lag, page_size=page_size))
        self._service = GraphService(operations, clock, Access(clock, graph_values.TOKEN), INTUNE)
        self.named = {name: {record.user_principal_name} for name, record in self._records.devices.items()}
        self.at_first = {name: record.user_principal_name or None for name, record in self._records.devices.items()}
        self.restored: dict[str, set[str]] = defaultdict(set)
        self.kept: dict[str, set[str | None]] = defaultdict(set)
        self.restored_at: dict[str, datetime] = {}

    def now(self) -> datetime:
        """What the clock of the world shows."""
        return self._clock.now()

    @property
    def devices(self) -> list[str]:
        """The ids of all records."""
        return list(self._records.devices)

    def answer(self, request: GraphRequest) -> Answer:
        """What Graph answers to one request, alone or in a batch."""
        throttled = self._service.throttle(request)
        if throttled is not None:
            return throttled
        status = self._refuses.get(request.segments[2]) if request.method == "POST" else None
        return self._service.answer(request) if status is None else messages.error(status, "as it does each time")

    def assign(self, device: str, user: str) -> None:
        """An administrator assigns the device."""
        self._records.sweep(self._clock.now())
        self._records.assign_user(device, user)
        self.named[device].add(user)

    def restore(self, device: str, user: str) -> None:
        """An operator's undo assigns the device again."""
        self.assign(device, user)
        self.restored[device].add(user)
        self.restored_at[device] = self._clock.now()

    def given_back(self, device: str) -> set[str | None]:
        """Whom an operator's undo gave the device back to, or left it to."""
        return self.restored[device] | self.kept[device]

    def register(self, device: AutopilotDevice) -> None:
        """A record appears that was not there."""
        self._records.add(_record(device))
        self.at_first[device.autopilot_device_id] = device.user_principal_name
        self.named[device.autopilot_device_id] = {device.user_principal_name}

    def account_of(self, device: str) -> str | None:
        """The resource account that the record holds now."""
        self._records.sweep(self._clock.now())
        record = self._records.find(device)
        return None if record is None else record.resource_name or None

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
        resource_name=device.resource_name or "",
        group_tag=device.group_tag or "",
        entra_device_id=device.entra_device_id or NO_ID,
        managed_device_id=device.managed_device_id or NO_ID,
    )
