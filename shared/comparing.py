"""Compare and unassign, the comparing half: read one record, and say what is to become of the device. Changes nothing.

The plan decides; here is what it decides by: the record as it is, the event's history, and what is known of the device besides.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from shared import ports
from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import History
from shared.domain.report import Detail, DeviceReport, Outcome
from shared.recording import Recorder, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparer:
    """Compares a device's record with whom an event is about."""

    devices: ports.AutopilotDevices
    recorder: Recorder
    clock: ports.Clock
    verify_after: timedelta

    def settled_earlier(self, target: plan.Target, run: Run, history: History) -> plan.Leave | None:
        """What the history alone says, where it says enough: nothing needs to be read then."""
        now = self.clock.now()
        return plan.settled_earlier(target, history, run=run.number, now=now, verify_after=self.verify_after)

    async def read(self, target: plan.Target) -> tuple[AutopilotDevice | None, datetime]:
        """The record by its id, None where it is gone, and when it was asked for (UTC). Raises what the ports raise."""
        read_at = self.clock.now()
        return await self.devices.get(target.autopilot_device_id), read_at

    async def decide(
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
        known = await self.recorder.of_device(target.autopilot_device_id)
        if not plan.assigned_after(moment, known, target.action, own=run.fingerprint):
            return decision
        # Another process may have seen it clear after our read, which then tells nothing of what came later: read again.
        device, _ = await self.read(target)
        now_known = history if run.dry_run else await self.recorder.as_it_is_now(run)
        decision = plan.compare(target, device, now_known)
        if isinstance(decision, plan.Leave):
            return decision
        return plan.Leave(Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.ASSIGNED_AFTER_THE_EVENT, decision.device)

    async def as_others_left_it(
        self, decision: plan.Leave, target: plan.Target, run: Run, device: AutopilotDevice | None
    ) -> plan.Leave:
        """The decision about a record that is clear by now: another process may have done it for this event meanwhile."""
        if device is None or not is_clear(device, target.action):
            return decision
        as_it_is_now = plan.compare(target, device, await self.recorder.as_it_is_now(run))
        return decision if isinstance(as_it_is_now, plan.Unassign) else as_it_is_now


def is_clear(device: AutopilotDevice, action: Action) -> bool:
    """Whether the record names nobody whom the action would unassign."""
    return not (device.assigned(action) or "").strip()


def report(target: plan.Target, leave: plan.Leave) -> DeviceReport:
    """A decision to leave the device as it is, as its line in the outcome."""
    return plan.reported(target.autopilot_device_id, target.action, leave)
