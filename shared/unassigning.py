"""Compare and unassign, the acting half: read one device, decide, write the intent, post, write the result.

Every POST follows a read by id that is at most FRESH_FOR old, and an intent in the journal that holds the record as it was.
Knows the order of these steps; what is decided, and by what, is the comparing half's affair.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from shared import ports
from shared.comparing import Comparer, is_clear, report
from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
    TokenUnavailable,
    UnassignmentError,
)
from shared.domain.history import History, Step
from shared.domain.identifiers import folded
from shared.domain.report import DeviceReport, Outcome
from shared.guarding import Guards
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Unassigner:
    """Carries out one action on one device. Devices are worked on one holder at a time within this process.

    `in_hand` holds the devices that are worked on, for those who want to know how many they are.
    """

    comparer: Comparer
    recorder: Recorder
    guards: Guards
    devices: ports.AutopilotDevices
    clock: ports.Clock
    permits: ports.WritePermits
    in_hand: KeyedLocks

    async def unassign(self, target: plan.Target, run: Run) -> DeviceReport:
        """Do what the plan says for this target, and report it.

        Raises what the ports raise; ProtectedUser or ProtectedDevice for a record that the guard refuses, and
        BlastRadiusExceeded. After a TransientError or NoPermitYet the whole may be tried again: the journal tells the next
        attempt what this one may have done.
        """
        async with self.in_hand.hold(folded(target.autopilot_device_id)):
            history = await self.recorder.history(target, run)
            earlier = self.comparer.settled_earlier(target, run, history)
            if earlier is not None:
                return report(target, earlier)
            permits = ports.NoLimit() if run.dry_run else self.permits
            permit = _Held(permits, await permits.take(run.booking))  # before the read, so that the POST can follow it
            try:
                return await self._read_and_act(target, run, history, permit)
            finally:
                permit.give_back_unused()

    async def _read_and_act(self, target: plan.Target, run: Run, history: History, permit: _Held) -> DeviceReport:
        device, permit.read_at = await self.comparer.read(target)
        if device is not None and not run.dry_run and is_clear(device, target.action):
            # Another process may have done it for this event since; it wrote its intent before, so it shows by now.
            history = await self.recorder.as_it_is_now(run)
        decision = await self.comparer.decide(target, run, history, device)
        match decision:
            case plan.Leave():
                await self.recorder.first_sight(target, run, history, device)
                return report(target, decision)
            case plan.Unassign(found):
                await self.guards.check(target, run, history, found)
                await self.guards.count(target, run, history, found)
                if run.dry_run:
                    await self.recorder.append(Step.FOUND, target, run, found)
                    return report(target, plan.Leave(Outcome.WOULD_UNASSIGN, None, found))
                return await self._post(target, run, history, found, permit)

    async def _post(
        self, target: plan.Target, run: Run, history: History, found: AutopilotDevice, permit: _Held
    ) -> DeviceReport:
        intent = await self.recorder.append(Step.INTENT, target, run, found)
        history = history.with_entry(replace(intent, step=Step.FOUND))  # as the first, it binds the reads below
        try:
            decision = await self._made_ready(target, run, history, found, permit)
        except (ports.NoPermitYet, UnassignmentError):
            await self._nothing_was_posted(target, run, found)
            raise
        if decision is not None:
            return report(target, decision)
        permit.used = True
        try:
            await self.devices.unassign(target.autopilot_device_id, target.action)
        except (GraphPermissionDenied, GraphThrottled, TokenUnavailable):
            await self._nothing_was_posted(target, run, found)
            raise
        except GraphRequestRejected as rejection:
            return await self._after_rejection(target, run, history, found, rejection)
        await self.recorder.accepted(target, run, found)
        return report(target, plan.Leave(Outcome.UNASSIGNED, None, found))

    async def _made_ready(
        self, target: plan.Target, run: Run, history: History, found: AutopilotDevice, permit: _Held
    ) -> plan.Leave | None:
        """See to it that permit and read are good enough for the POST; what a further read says against it, if anything.

        Raises what the ports raise, and GraphUnavailable where no read is quick enough.
        """
        for _ in range(_READS):
            if permit.fresh(self.clock.now()) and permit.valid():
                return None
            if not permit.valid():
                permit.permit = await self.permits.take(run.booking)
            device, permit.read_at = await self.comparer.read(target)
            decision = await self.comparer.decide(target, run, history, device)  # it may have been undone since, too
            if isinstance(decision, plan.Leave):
                await self._nothing_was_posted(target, run, device or found)
                return await self.comparer.as_others_left_it(decision, target, run, device)
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
        device, _ = await self.comparer.read(target)
        decision = plan.compare(target, device, history)
        await self._nothing_was_posted(target, run, device or found)
        if isinstance(decision, plan.Unassign):
            raise rejection
        return report(target, await self.comparer.as_others_left_it(decision, target, run, device))

    async def _nothing_was_posted(self, target: plan.Target, run: Run, seen: AutopilotDevice) -> None:
        """Take the intent back: no later attempt may think that its answer was lost."""
        await self.recorder.append(Step.WITHDRAWN, target, run, seen)
