"""What the guards say of one device that is about to be unassigned: whether it may be, and whether the hour allows it."""

from dataclasses import dataclass

from shared.domain import plan
from shared.domain.device import AutopilotDevice
from shared.domain.errors import BlastRadiusExceeded, ProtectedDevice, ProtectedUser
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.history import History
from shared.recording import Recorder, Run


@dataclass(frozen=True, slots=True, kw_only=True)
class Guards:
    """Asked before each POST. What is refused is on record as it was seen, since a replay may find somebody new there."""

    guard: Guard
    recorder: Recorder

    async def check(self, target: plan.Target, run: Run, history: History, device: AutopilotDevice) -> None:
        """Raise ProtectedDevice or ProtectedUser for a record that nobody released; JournalUnavailable."""
        if run.released:
            return
        try:
            self.guard.check_devices([device])
            if target.action is Action.UNASSIGN_USER:
                self.guard.check_user([device.user_principal_name])
        except (ProtectedDevice, ProtectedUser):
            await self.recorder.first_sight(target, run, history, device)
            raise

    async def count(self, target: plan.Target, run: Run, history: History, device: AutopilotDevice) -> None:
        """Count the device among those of this hour, once for each event, before anything is done about it.

        Raises BlastRadiusExceeded, JournalUnavailable.
        """
        about = target.autopilot_device_id, target.action
        if run.allowance is None or run.history.counted(*about, dry_run=run.dry_run):
            return
        try:
            await run.allowance.take()
        except BlastRadiusExceeded:
            await self.recorder.first_sight(target, run, history, device)
            raise
