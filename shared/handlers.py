"""One verb for each event: which devices it is about, whether they may be touched, and what became of each.

One device's failure is a value here: the others are still done, and the report names all of them.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from shared import ports
from shared.domain import errors, events
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.identifiers import AutopilotDeviceId, is_placeholder_serial_number, unique
from shared.domain.plan import Target
from shared.domain.report import DeviceReport, Outcome
from shared.leavers import Leavers
from shared.unassigning import Run, Unassigner

_RESOURCE_ACCOUNT_FIRST: Final = (Action.UNASSIGN_RESOURCE_ACCOUNT, Action.UNASSIGN_USER)
"""The order in which a device's actions are done: an event may ask that the record names a user, whom the other one clears."""


@dataclass(frozen=True, slots=True)
class Handled:
    """What became of an event's devices. `failure` is the error that decides about the message, if any device failed."""

    reports: Sequence[DeviceReport]
    failure: Exception | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Handlers:
    """The verbs, with the ports and limits that they need."""

    devices: ports.AutopilotDevices
    leavers: Leavers
    unassigner: Unassigner
    guard: Guard
    allow_resource_account: bool
    permits: ports.WritePermits = field(default_factory=ports.NoLimit)

    async def unassign_for_offboarded_user(self, event: events.UserOffboarded, run: Run) -> Handled:
        """Unassign the leaver from every Autopilot device that names them, or that this event has seen before.

        Raises UserNotResolvable, ProtectedUser, ProtectedDevice, TooManyDevices before anything is touched, and what
        the ports raise.
        """
        leaver = await self.leavers.identify(event)
        self.guard.check_user(leaver.identities())
        await self.permits.open(run.booking, writes=not run.dry_run)
        directory = await self.devices.directory()
        own, others = directory.of_user(leaver.names), directory.of_user(leaver.reused)
        self.guard.check_devices(own)
        seen = run.history.live().devices()
        ids = unique([*(device.autopilot_device_id for device in own), *seen])
        self.guard.check_number(len(ids))
        ids = unique([*ids, *(device.autopilot_device_id for device in others)])
        targets = [
            Target(autopilot_device_id=each, action=Action.UNASSIGN_USER, assigned=leaver.names, reused=leaver.reused)
            for each in ids
        ]
        return _gathered(targets, await asyncio.gather(*(self._attempt(target, run) for target in targets)))

    async def unassign_for_retired_device(self, event: events.DeviceRetired, run: Run) -> Handled:
        """Unassign the user, the resource account, or both from the one device that the event names.

        Raises ActionNotAllowed, PlaceholderSerialNumber, AmbiguousDevice before anything is touched, and what the ports
        raise. No device by that key is a result.
        """
        if Action.UNASSIGN_RESOURCE_ACCOUNT in event.actions and not self.allow_resource_account:
            raise errors.ActionNotAllowed("unassignResourceAccount is off: ALLOW_RESOURCE_ACCOUNT_UNASSIGN")
        await self.permits.open(run.booking, writes=not run.dry_run)
        device = await self._resolve(event.device) or next(iter(run.history.live().devices()), None)
        if device is None:
            return Handled(())
        targets = [_target(event, device, action) for action in _RESOURCE_ACCOUNT_FIRST if action in event.actions]
        return _gathered(targets, [await self._attempt(target, run) for target in targets])

    async def _resolve(self, key: events.DeviceKey) -> AutopilotDeviceId | None:
        match key:
            case events.AutopilotDeviceKey(autopilot_device_id):
                return autopilot_device_id
            case events.SerialNumberKey(serial_number):
                if is_placeholder_serial_number(serial_number):
                    raise errors.PlaceholderSerialNumber(
                        "many machines share this serial number: give the Autopilot id"
                    )
                return _the_only_one(await self.devices.with_serial_number(serial_number))
            case events.EntraDeviceKey(entra_device_id):
                return _the_only_one((await self.devices.directory()).with_entra_device_id(entra_device_id))
            case events.ManagedDeviceKey(managed_device_id):
                return _the_only_one((await self.devices.directory()).with_managed_device_id(managed_device_id))

    async def _attempt(self, target: Target, run: Run) -> DeviceReport | Exception:
        try:
            return await self.unassigner.unassign(target, run)
        except Exception as error:  # noqa: BLE001 - the processor decides about it; the other devices go on
            return error


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


def _gathered(targets: Sequence[Target], results: Sequence[DeviceReport | Exception]) -> Handled:
    reports = [
        result if isinstance(result, DeviceReport) else _failed(target, result)
        for target, result in zip(targets, results, strict=True)
    ]
    failures = [result for result in results if isinstance(result, Exception)]
    decisive = min(failures, key=_precedence, default=None)
    return Handled(reports, _all_in_one(failures) if isinstance(decisive, ports.NoPermitYet) else decisive)


def _all_in_one(failures: Sequence[Exception]) -> ports.NoPermitYet:
    """One return for all devices that wait for the rate limit, at the last of their places."""
    waits = [failure for failure in failures if isinstance(failure, ports.NoPermitYet)]
    last = max(waits, key=lambda wait: wait.until)
    slot = last.slot
    if slot is not None:
        kept = [wait for wait in waits if wait.slot is not None and wait.slot.epoch == slot.epoch]
        slot = replace(slot, writes=len(kept))
    return ports.NoPermitYet(last.until, slot)


def _failed(target: Target, error: Exception) -> DeviceReport:
    """The report of a device that failed; the text of an unexpected error may quote anything, so only its class is named."""
    known = isinstance(error, errors.UnassignmentError)
    detail = f"{type(error).__name__}: {error}" if known else type(error).__name__
    return DeviceReport(
        autopilot_device_id=target.autopilot_device_id, action=target.action, outcome=Outcome.FAILED, detail=detail
    )


def _precedence(error: Exception) -> tuple[int, float]:
    """Which of several failures decides: a bug, a refused identity, who asks for the longest wait, the rate limit, the rest."""
    match error:
        case errors.GraphPermissionDenied():
            return 1, 0
        case errors.TransientError():
            return 2, -error.retry_after.total_seconds() if error.retry_after else 0
        case ports.NoPermitYet():
            return 3, 0
        case errors.UnassignmentError():
            return 4, 0
        case _:
            return 0, 0
