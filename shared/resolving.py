"""From an event to its devices: which Autopilot records it is about, and whether they may be touched at all.

Knows the list, the leaver and the guard; reads no single record and changes nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from shared import ports
from shared.domain import errors, events
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import History
from shared.domain.identifiers import AutopilotDeviceId, is_placeholder_serial_number, same, unique
from shared.domain.plan import Target
from shared.leavers import Leaver, Leavers
from shared.recording import Run

_RESOURCE_ACCOUNT_FIRST: Final = (Action.UNASSIGN_RESOURCE_ACCOUNT, Action.UNASSIGN_USER)
"""The order in which a device's actions are done: an event may ask that the record names a user, whom the other one clears."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolver:
    """Finds the targets of events, with the ports and limits that it needs."""

    devices: ports.AutopilotDevices
    leavers: Leavers
    guard: Guard
    allow_resource_account: bool
    permits: ports.WritePermits = field(default_factory=ports.NoLimit)

    async def for_offboarded_user(
        self, event: events.UserOffboarded, run: Run, *, search: bool = True
    ) -> Sequence[Target]:
        """The devices that name the leaver, if `search` says so, and those that this event has seen before.

        Raises UserNotResolvable, and ProtectedUser, ProtectedDevice, TooManyDevices unless the run is released, and what the
        ports raise.
        """
        history = run.history.live()
        leaver = await self.leavers.identify(event, unassigned=history.unassigned(Action.UNASSIGN_USER))
        if not run.released:
            self.guard.check_user(leaver.identities())
        own: Sequence[AutopilotDevice] = ()
        others: Sequence[AutopilotDevice] = ()
        if search:
            await self.permits.open(run.booking, writes=not run.dry_run)
            directory = await self.devices.directory(trusted=run.released)
            own, others = directory.of_user(leaver.names), directory.of_user(leaver.reused)
        if not run.released:
            self.guard.check_devices(own)
            self.guard.check_number(len(_ids([*own, *_first_seen_with(leaver, history)])))
        ids = unique([*_ids(own), *history.devices(), *_ids(others)])
        return [
            Target(autopilot_device_id=each, action=Action.UNASSIGN_USER, assigned=leaver.names, reused=leaver.reused)
            for each in ids
        ]

    async def for_retired_device(
        self, event: events.DeviceRetired, run: Run, *, search: bool = True
    ) -> Sequence[Target]:
        """The one device that the event names, once for each action; none if there is no such device.

        Raises ActionNotAllowed, PlaceholderSerialNumber, AmbiguousDevice, and what the ports raise.
        """
        if Action.UNASSIGN_RESOURCE_ACCOUNT in event.actions and not self.allow_resource_account:
            raise errors.ActionNotAllowed("unassignResourceAccount is off: ALLOW_RESOURCE_ACCOUNT_UNASSIGN")
        device = None
        if search:
            await self.permits.open(run.booking, writes=not run.dry_run)
            device = await self._device(event.device, run)
        device = device or next(iter(run.history.live().devices()), None)
        if device is None:
            return ()
        return [_target(event, device, action) for action in _RESOURCE_ACCOUNT_FIRST if action in event.actions]

    async def _device(self, key: events.DeviceKey, run: Run) -> AutopilotDeviceId | None:
        match key:
            case events.AutopilotDeviceKey(autopilot_device_id):
                return autopilot_device_id
            case events.SerialNumberKey(serial_number):
                if is_placeholder_serial_number(serial_number):
                    raise errors.PlaceholderSerialNumber(
                        "many machines share this serial number: give the Autopilot id"
                    )
                return _the_only_one(await self.devices.with_serial_number(serial_number, trusted=run.released))
            case events.EntraDeviceKey(entra_device_id):
                directory = await self.devices.directory(trusted=run.released)
                return _the_only_one(directory.with_entra_device_id(entra_device_id))
            case events.ManagedDeviceKey(managed_device_id):
                directory = await self.devices.directory(trusted=run.released)
                return _the_only_one(directory.with_managed_device_id(managed_device_id))


def _ids(devices: Iterable[AutopilotDevice]) -> Sequence[AutopilotDeviceId]:
    return unique(device.autopilot_device_id for device in devices)


def _first_seen_with(leaver: Leaver, history: History) -> list[AutopilotDevice]:
    """The devices that named the leaver when this event first saw them; it has seen others too, and left them alone."""
    firsts = (history.first(device, Action.UNASSIGN_USER) for device in history.devices())
    seen = [first.device for first in firsts if first is not None]
    return [device for device in seen if any(same(device.user_principal_name, name) for name in leaver.names)]


def _target(event: events.DeviceRetired, device: AutopilotDeviceId, action: Action) -> Target:
    """What the event asks of its device, and what it says the record must hold; if nothing, whoever is found there first."""
    user = event.assigned_user_principal_name
    name = user if action is Action.UNASSIGN_USER else event.resource_account_name
    return Target(
        autopilot_device_id=device,
        action=action,
        assigned=None if name is None else (name,),
        key=event.device,
        only_with_user=user if action is Action.UNASSIGN_RESOURCE_ACCOUNT else None,
    )


def _the_only_one(devices: Sequence[AutopilotDevice]) -> AutopilotDeviceId | None:
    if len(devices) > 1:
        raise errors.AmbiguousDevice(f"{len(devices)} Autopilot records have this key: give the Autopilot id")
    return devices[0].autopilot_device_id if devices else None
