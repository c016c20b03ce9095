"""Compare and unassign, the acting half: read one device, decide, write the intent, post, write the result.

Every POST follows a read by id that is at most FRESH_FOR old, and an intent in the journal that holds the record as it was.
Knows the order of these steps; what they decide is in the plan.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

from shared import ports
from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
    JournalUnavailable,
    ProtectedDevice,
    ProtectedUser,
    TokenUnavailable,
)
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import Entry, History, Step
from shared.domain.identifiers import EventId, folded
from shared.domain.report import DeviceReport, Outcome
from shared.keyed_locks import KeyedLocks

FRESH_FOR: Final = timedelta(seconds=5)
"""How old a read may be when its POST is sent; the record may name somebody else a moment later."""
_SENDING: Final = timedelta(seconds=1)
"""How long a POST may be on its way to being sent: others are waited for, to go along, and for room within the quota."""
_READS: Final = 3
"""How often a read that grew stale (a slow journal) is taken again before the attempt gives up."""


type _Key = tuple[EventId, str, Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One attempt of one run of an event, and what the journal held of the event when the attempt began."""

    event_id: EventId
    number: int
    attempt: int
    dry_run: bool
    history: History
    fingerprint: str = ""
    booking: ports.Booking = field(default_factory=ports.Booking)


@dataclass(slots=True)
class _Held:
    """The permit of one attempt on one device, until it is used, and when the device was read under it."""

    permits: ports.WritePermits
    permit: ports.Permit
    read_at: datetime | None = None
    used: bool = False

    def fresh(self, now: datetime) -> bool:
        return self.read_at is not None and now - self.read_at <= FRESH_FOR - _SENDING

    def valid(self) -> bool:
        return self.permits.valid(self.permit)

    def give_back_unused(self) -> None:
        if not self.used:
            self.permits.give_back(self.permit)


class Unassigner:
    """Carries out one action on one device. Devices are worked on one holder at a time within this process.

    `in_hand` holds the devices that are worked on, for those who want to know how many they are.
    """

    def __init__(
        self,
        *,
        devices: ports.AutopilotDevices,
        journal: ports.Journal,
        clock: ports.Clock,
        guard: Guard,
        verify_after: timedelta,
        permits: ports.WritePermits | None = None,
        in_hand: KeyedLocks | None = None,
    ) -> None:
        self._devices = devices
        self._journal = journal
        self._clock = clock
        self._guard = guard
        self._verify_after = verify_after
        self._permits = ports.NoLimit() if permits is None else permits
        self._locks = KeyedLocks() if in_hand is None else in_hand
        self._unwritten: dict[_Key, Entry] = {}

    async def unassign(self, target: plan.Target, run: Run) -> DeviceReport:
        """Do what the plan says for this target, and report it.

        Raises what the ports raise, and ProtectedUser or ProtectedDevice for a record that the guard refuses. After a
        TransientError or NoPermitYet the whole may be tried again: the journal tells the next attempt what this one may
        have done.
        """
        async with self._locks.hold(folded(target.autopilot_device_id)):
            history = await self._with_what_was_not_written(target, run)
            earlier = plan.settled_earlier(target, history, now=self._clock.now(), verify_after=self._verify_after)
            if earlier is not None:
                return _report(target, earlier)
            permits = ports.NoLimit() if run.dry_run else self._permits
            permit = _Held(permits, await permits.take(run.booking))  # before the read, so that the POST can follow it
            try:
                return await self._read_and_act(target, run, history, permit)
            finally:
                permit.give_back_unused()

    async def _read_and_act(self, target: plan.Target, run: Run, history: History, permit: _Held) -> DeviceReport:
        device, permit.read_at = await self._read(target)
        decision = plan.compare(target, device, history)
        match decision:
            case plan.Leave():
                await self._record_first_sight(target, run, history, device)
                return _report(target, decision)
            case plan.Unassign(found):
                await self._check(target, run, history, found)
                if run.dry_run:
                    await self._append(Step.FOUND, target, run, found)
                    return _report(target, plan.Leave(Outcome.WOULD_UNASSIGN, None, found))
                return await self._post(target, run, history, found, permit)

    async def _post(
        self, target: plan.Target, run: Run, history: History, found: AutopilotDevice, permit: _Held
    ) -> DeviceReport:
        intent = await self._append(Step.INTENT, target, run, found)
        if history.first(target.autopilot_device_id, target.action) is None:
            history = history.with_entry(replace(intent, step=Step.FOUND))  # it binds the reads below
        for _ in range(_READS):
            if permit.fresh(self._clock.now()) and permit.valid():
                break
            if not permit.valid():
                await self._renew(permit, target, run, found)
            device, permit.read_at = await self._read(target)
            decision = plan.compare(target, device, history)
            if isinstance(decision, plan.Leave):
                await self._append(Step.FOUND, target, run, device or found)
                return _report(target, decision)
        else:
            await self._append(Step.FOUND, target, run, found)
            raise GraphUnavailable("no read of the device could be followed by its POST in time")
        permit.used = True
        try:
            await self._devices.unassign(target.autopilot_device_id, target.action)
        except (GraphPermissionDenied, GraphThrottled, TokenUnavailable):
            await self._append(Step.FOUND, target, run, found)  # nothing was done: no later attempt may think so
            raise
        except GraphRequestRejected as rejection:
            return await self._after_rejection(target, run, history, found, rejection)
        await self._accepted(target, run, found)
        return _report(target, plan.Leave(Outcome.UNASSIGNED, None, found))

    async def _renew(self, permit: _Held, target: plan.Target, run: Run, found: AutopilotDevice) -> None:
        try:
            permit.permit = await self._permits.take(run.booking)
        except ports.NoPermitYet:
            await self._append(Step.FOUND, target, run, found)  # nothing was posted: no later attempt may think so
            raise

    async def _after_rejection(
        self,
        target: plan.Target,
        run: Run,
        history: History,
        found: AutopilotDevice,
        rejection: GraphRequestRejected,
    ) -> DeviceReport:
        """Graph refused the POST: if the record turns out gone, clear or somebody else's, there was nothing to do."""
        device, _ = await self._read(target)
        decision = plan.compare(target, device, history)
        await self._append(Step.FOUND, target, run, device or found)
        if isinstance(decision, plan.Unassign):
            raise rejection
        return _report(target, decision)

    async def _read(self, target: plan.Target) -> tuple[AutopilotDevice | None, datetime]:
        read_at = self._clock.now()
        return await self._devices.get(target.autopilot_device_id), read_at

    async def _check(self, target: plan.Target, run: Run, history: History, device: AutopilotDevice) -> None:
        try:
            self._guard.check_devices([device])
            if target.action is Action.UNASSIGN_USER:
                self._guard.check_user([device.user_principal_name or ""])
        except (ProtectedDevice, ProtectedUser):
            await self._record_first_sight(target, run, history, device)  # a replay may find somebody new there
            raise

    async def _record_first_sight(
        self,
        target: plan.Target,
        run: Run,
        history: History,
        device: AutopilotDevice | None,
    ) -> None:
        """What the first decision found binds all later ones, so it is written even where nothing is done."""
        if device is not None and history.first(target.autopilot_device_id, target.action) is None:
            await self._append(Step.FOUND, target, run, device)

    async def _append(self, step: Step, target: plan.Target, run: Run, device: AutopilotDevice) -> Entry:
        entry = self._entry(step, target, run, device)
        await self._journal.append(entry)
        return entry

    def _entry(self, step: Step, target: plan.Target, run: Run, device: AutopilotDevice) -> Entry:
        return Entry(
            event_id=run.event_id,
            run=run.number,
            attempt=run.attempt,
            step=step,
            action=target.action,
            device=device,
            at=self._clock.now(),
            dry_run=run.dry_run,
            fingerprint=run.fingerprint,
        )

    async def _accepted(self, target: plan.Target, run: Run, found: AutopilotDevice) -> None:
        """Record that Graph accepted. If the journal is out of reach this process remembers, and writes it at the next attempt."""
        entry = self._entry(Step.ACCEPTED, target, run, found)
        try:
            await self._journal.append(entry)
        except JournalUnavailable:
            self._forget_the_old()
            self._unwritten[_key(target, run)] = entry
            raise

    async def _with_what_was_not_written(self, target: plan.Target, run: Run) -> History:
        history = run.history.live()
        key = _key(target, run)
        entry = self._unwritten.get(key)
        if entry is None:
            return history
        await self._journal.append(entry)
        del self._unwritten[key]
        return history.with_entry(entry)

    def _forget_the_old(self) -> None:
        now = self._clock.now()
        self._unwritten = {k: e for k, e in self._unwritten.items() if now - e.at < self._verify_after}


def _key(target: plan.Target, run: Run) -> _Key:
    return run.event_id, folded(target.autopilot_device_id), target.action


def _report(target: plan.Target, leave: plan.Leave) -> DeviceReport:
    return DeviceReport(
        autopilot_device_id=target.autopilot_device_id,
        action=target.action,
        outcome=leave.outcome,
        detail=leave.detail,
        before=leave.device,
    )
