"""The look that verifies: read one device back, and report what it shows. Posts nothing."""

from dataclasses import dataclass, replace

from shared.comparing import Comparer, is_clear, report
from shared.domain import plan
from shared.domain.identifiers import folded
from shared.domain.report import Detail, DeviceReport, Outcome
from shared.keyed_locks import KeyedLocks
from shared.recording import Recorder, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Looker:
    """Reads devices back; none while it is worked on, which `in_hand` tells."""

    comparer: Comparer
    recorder: Recorder
    in_hand: KeyedLocks

    async def look(self, target: plan.Target, run: Run) -> DeviceReport:
        """Read the device back and report it, changing nothing: `unverified` where it still names whom it should not.

        Where the last POST was accepted less than `verify_after` ago, that is no reason to doubt it: `unassigned` still. A record
        that was found clear is marked so, for later events about the device. Raises what the ports raise.
        """
        async with self.in_hand.hold(folded(target.autopilot_device_id)):
            history = await self.recorder.history(target, run)
            earlier = self.comparer.settled_earlier(target, run, history)
            if earlier is not None and earlier.confirmed:
                return report(target, earlier)
            device, read_at = await self.comparer.read(target)
            decision = await self.comparer.decide(target, run, history, device)
            if isinstance(decision, plan.Unassign) and target.assigned is None and not history.entries:
                leave = plan.Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.APPEARED_SINCE, decision.device)
                return report(target, leave)
            if isinstance(decision, plan.Unassign):
                await self.recorder.first_sight(target, run, history, device)  # later looks do not search for it
                still_there = plan.Leave(Outcome.UNVERIFIED, None, plan.before(target, history) or device)
                return report(target, earlier or still_there)
            if decision.detail is Detail.NAME_REUSED and history.accepted(target.autopilot_device_id, target.action):
                return report(target, replace(decision, outcome=Outcome.UNVERIFIED))  # theirs by now, or never cleared
            if device is not None and decision.confirmed and is_clear(device, target.action):
                await self.recorder.seen_clear(device, target.action, run, at=read_at)
            return report(target, decision)
