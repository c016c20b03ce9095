"""What would become of one event, as the command tells it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from shared.domain.errors import UnassignmentError
from shared.domain.identifiers import AutopilotDeviceId
from shared.domain.report import DeviceReport, Outcome, worst, worst_first
from shared.messaging.conclusion import Conclusion

COLUMNS: Final = ("outcome", "serialNumber", "assigned", "autopilotDeviceId", "action", "detail")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What would become of each device, or why nothing would be done: a `refusal`, or the `ended` that is on record already.

    `writes` counts the devices that would be unassigned and are new to this hour. `restored` are those that an operator's
    undo gave back to their user, and when. `waits_until` is when it would begin, if not at once.
    `latest` is the last word on what ended, such as that of its verification.
    """

    reports: Sequence[DeviceReport] = ()
    refusal: UnassignmentError | None = None
    ended: Conclusion | None = None
    failed: bool = False
    writes: int = 0
    restored: Mapping[AutopilotDeviceId, datetime] = field(default_factory=dict)
    waits_until: datetime | None = None
    latest: str = ""

    def devices(self) -> list[Mapping[str, Any]]:
        """A row for each device, worst first."""
        return [
            {
                "autopilotDeviceId": line.autopilot_device_id,
                "action": line.action.value,
                "outcome": line.outcome.value,
                "detail": self._detail(line),
                "serialNumber": line.before.serial_number if line.before else None,
                "assigned": line.before.assigned(line.action) if line.before else None,
            }
            for line in worst_first(self.reports)
        ]

    def as_json(self) -> Mapping[str, Any]:
        """The outcome and the devices; with a reason, if nothing would be done."""
        waits = {"waitsUntil": self.waits_until.isoformat()} if self.waits_until else {}
        if self.ended is not None:
            reason = {"reason": "handledAlready", "description": self.why_not()}
            return {"outcome": self.last_word(), **reason, "devices": []}
        if self.refusal is not None:
            reason = {"reason": type(self.refusal).__name__, "description": str(self.refusal)}
            return {"outcome": Outcome.FAILED.value, **reason, "devices": []}
        return {"outcome": worst(self.reports).value, **waits, "devices": self.devices()}

    def last_word(self) -> str | None:
        """How what ended stands now, as `status` tells it."""
        return self.latest or (self.ended.outcome if self.ended else None)

    def why_not(self) -> str:
        """Why nothing would be done, for people; empty if something would be, or no device was found."""
        if self.ended is not None:
            since = f" ({self.latest} since)" if self.latest not in {"", self.ended.outcome} else ""
            ended = f"it ended at {self.ended.at:%Y-%m-%d %H:%M} UTC with {self.ended.outcome}{since}"
            return f"{ended}, which is its answer for good"
        return "" if self.refusal is None else f"{type(self.refusal).__name__}: {self.refusal}"

    def _detail(self, line: DeviceReport) -> str | None:
        since = self.restored.get(line.autopilot_device_id)
        if since is None or line.outcome is not Outcome.WOULD_UNASSIGN:
            return line.detail
        return f"an undo assigned the user again on {since:%Y-%m-%d}"
