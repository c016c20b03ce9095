"""Compare and unassign, the acting half: read one device, decide, write the intent, post, write the result.

Every POST follows a read by id that is at most FRESH_FOR old, and an intent in the journal that holds the record as it was.
Knows the order of these steps; what they decide is in the plan.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared import ports
from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    BlastRadiusExceeded,
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
    ProtectedDevice,
    ProtectedUser,
    TokenUnavailable,
    UnassignmentError,
)
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import History, Step
from shared.domain.identifiers import folded
from shared.domain.report import Detail, DeviceReport, Outcome
from shared.keyed_locks import KeyedLocks
from shared.recording import Recorder, Run

FRESH_FOR: Final = timedelta(seconds=5)
"""How old a read may be when its POST is sent; the record may name somebody else a moment later."""
_READS: Final = 3
"""How often a read that grew stale (a slow journal) is taken again before the attempt gives up."""


@dataclass(slots=True)
class _Held:
    """The permit of one attempt on one device, until it is used, and when the device was read under it."""

    permits: ports.WritePermits
    permit: ports.Permit
    read_at: datetime | None = None
    used: bool = False

    def fresh(self, now: datetime) -> bool:
        return self.read_at is not None and now - self.read_at <= FRESH_FOR - ports.SENT_WITHIN

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
        permits: ports.WritePermits,
        in_hand: KeyedLocks,
    ) -> None:
        self._devices = devices
        self._clock = clock
        self._guard = guard
        self._verify_after = verify_after
        self._permits = permits
        self._locks = in_hand
        self._recorder = Recorder(journal, clock, verify_after=verify_after)

    async def unassign(self, target: plan.Target, run: Run) -> DeviceReport:
        """Do what the plan says for this target, and report it.

        Raises what the ports raise; ProtectedUser or ProtectedDevice for a record that the guard refuses, and
        BlastRadiusExceeded. After a TransientError or NoPermitYet the whole may be tried again: the journal tells the next
        attempt what this one may have done.
        """
        async with self._locks.hold(folded(target.autopilot_device_id)):
            history = await self._recorder.history(target, run)
            earlier = self._settled_earlier(target, run, history)
            if earlier is not None:
                return _report(target, earlier)
            permits = ports.NoLimit() if run.dry_run else self._permits
            permit = _Held(permits, await permits.take(run.booking))  # before the read, so that the POST can follow it
            try:
                return await self._read_and_act(target, run, history, permit)
            finally:
                permit.give_back_unused()

    async def look(self, target: plan.Target, run: Run) -> DeviceReport:
        """Read the device back and report it, changing nothing: `unverified` where it still names whom it should not.

        Where the last POST was accepted less than `verify_after` ago, that is no reason to doubt it: `unassigned` still. A record
        that was found clear is marked so, for later events about the device. Raises what the ports raise.
        """
        async with self._locks.hold(folded(target.autopilot_device_id)):
            history = await self._recorder.history(target, run)
            earlier = self._settled_earlier(target, run, history)
            if earlier is not None and earlier.confirmed:
                return _report(target, earlier)
            device, read_at = await self._read(target)
            decision = await self._decide(target, run, history, device)
            if isinstance(decision, plan.Unassign) and target.assigned is None and not history.entries:
                leave = plan.Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.APPEARED_SINCE, decision.device)
                return _report(target, leave)
            if isinstance(decision, plan.Unassign):
                await self._recorder.first_sight(target, run, history, device)  # later looks do not search for it
                still_there = plan.Leave(Outcome.UNVERIFIED, None, plan.before(target, history) or device)
                return _report(target, earlier or still_there)
            if decision.detail is Detail.NAME_REUSED and history.accepted(target.autopilot_device_id, target.action):
                return _report(target, replace(decision, outcome=Outcome.UNVERIFIED))  # theirs by now, or never cleared
            if device is not None and decision.confirmed and _is_clear(device, target.action):
                await self._recorder.seen_clear(device, target.action, run, at=read_at)
            return _report(target, decision)

    def _settled_earlier(self, target: plan.Target, run: Run, history: History) -> plan.Leave | None:
        now = self._clock.now()
        return plan.settled_earlier(target, history, run=run.number, now=now, verify_after=self._verify_after)

    async def _read_and_act(self, target: plan.Target, run: Run, history: History, permit: _Held) -> DeviceReport:
        device, permit.read_at = await self._read(target)
        if device is not None and not run.dry_run and _is_clear(device, target.action):
            # Another process may have done it for this event since; it wrote its intent before, so it shows by now.
            history = await self._recorder.as_it_is_now(run)
        decision = await self._decide(target, run, history, device)
        match decision:
            case plan.Leave():
                await self._recorder.first_sight(target, run, history, device)
                return _report(target, decision)
            case plan.Unassign(found):
                await self._check(target, run, history, found)
                await self._count(target, run, history, found)
                if run.dry_run:
                    await self._recorder.append(Step.FOUND, target, run, found)
                    return _report(target, plan.Leave(Outcome.WOULD_UNASSIGN, None, found))
                return await self._post(target, run, history, found, permit)

    async def _post(
        self, target: plan.Target, run: Run, history: History, found: AutopilotDevice, permit: _Held
    ) -> DeviceReport:
        intent = await self._recorder.append(Step.INTENT, target, run, found)
        if history.first(target.autopilot_device_id, target.action) is None:
            history = history.with_entry(replace(intent, step=Step.FOUND))  # it binds the reads below
        try:
            decision = await self._made_ready(target, run, history, found, permit)
        except (ports.NoPermitYet, UnassignmentError):
            await self._nothing_was_posted(target, run, found)
            raise
        if decision is not None:
            return _report(target, decision)
        permit.used = True
        try:
            await self._devices.unassign(target.autopilot_device_id, target.action)
        except (GraphPermissionDenied, GraphThrottled, TokenUnavailable):
            await self._nothing_was_posted(target, run, found)
            raise
        except GraphRequestRejected as rejection:
            return await self._after_rejection(target, run, history, found, rejection)
        await self._recorder.accepted(target, run, found)
        return _report(target, plan.Leave(Outcome.UNASSIGNED, None, found))

    async def _made_ready(
        self, target: plan.Target, run: Run, history: History, found: AutopilotDevice, permit: _Held
    ) -> plan.Leave | None:
        """See to it that permit and read are good enough for the POST; what a further read says against it, if anything.

        Raises what the ports raise, and GraphUnavailable where no read is quick enough.
        """
        for _ in range(_READS):
            if permit.fresh(self._clock.now()) and permit.valid():
                return None
            if not permit.valid():
                permit.permit = await self._permits.take(run.booking)
            device, permit.read_at = await self._read(target)
            decision = plan.compare(target, device, history)
            if isinstance(decision, plan.Leave):
                await self._nothing_was_posted(target, run, device or found)
                return decision
        raise GraphUnavailable("no read of the device could be followed by its POST in time")

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
        await self._nothing_was_posted(target, run, device or found)
        if isinstance(decision, plan.Unassign):
            raise rejection
        return _report(target, decision)

    async def _nothing_was_posted(self, target: plan.Target, run: Run, seen: AutopilotDevice) -> None:
        """Take the intent back: no later attempt may think that its answer was lost."""
        await self._recorder.append(Step.FOUND, target, run, seen)

    async def _read(self, target: plan.Target) -> tuple[AutopilotDevice | None, datetime]:
        read_at = self._clock.now()
        return await self._devices.get(target.autopilot_device_id), read_at

    async def _check(self, target: plan.Target, run: Run, history: History, device: AutopilotDevice) -> None:
        if run.released:
            return
        try:
            self._guard.check_devices([device])
            if target.action is Action.UNASSIGN_USER:
                self._guard.check_user([device.user_principal_name])
        except (ProtectedDevice, ProtectedUser):
            await self._recorder.first_sight(target, run, history, device)  # a replay may find somebody new there
            raise

    async def _decide(
        self, target: plan.Target, run: Run, history: History, device: AutopilotDevice | None
    ) -> plan.Decision:
        """What the plan says, unless the record is known to have been assigned after the event.

        Whoever released the run knows better about all that was so by then, and not about what came after the run's own POST.
        """
        decision, moment = plan.compare(target, device, history), run.event_at
        if isinstance(decision, plan.Leave):
            return decision
        if run.released:
            accepted = history.accepted(target.autopilot_device_id, target.action)
            if accepted is None or accepted.run != run.number:
                return decision
            moment = accepted.at
        known = await self._recorder.of_device(target.autopilot_device_id)
        if not plan.assigned_after(moment, known, target.action, own=run.fingerprint):
            return decision
        # Another process may have seen it clear after our read, which then tells nothing of what came later: read again.
        device, _ = await self._read(target)
        now_known = history if run.dry_run else await self._recorder.as_it_is_now(run)
        decision = plan.compare(target, device, now_known)
        if isinstance(decision, plan.Leave):
            return decision
        return plan.Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.ASSIGNED_AFTER_THE_EVENT, decision.device)

    async def _count(self, target: plan.Target, run: Run, history: History, device: AutopilotDevice) -> None:
        """Count the device among those of this hour, once for each event, before anything is done about it."""
        about = target.autopilot_device_id, target.action
        if run.allowance is None or run.history.counted(*about, dry_run=run.dry_run):
            return
        try:
            await run.allowance.take()
        except BlastRadiusExceeded:
            await self._recorder.first_sight(target, run, history, device)  # as above
            raise


def _is_clear(device: AutopilotDevice, action: Action) -> bool:
    return not (device.assigned(action) or "").strip()


def _report(target: plan.Target, leave: plan.Leave) -> DeviceReport:
    return plan.reported(target.autopilot_device_id, target.action, leave)
