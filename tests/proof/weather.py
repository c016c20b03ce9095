"""Spells in which somebody is out of reach, or asks to wait. Knows names of calls and times, no message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from azure.core.exceptions import ServiceRequestError

from shared import ports
from shared.domain.errors import JournalUnavailable, OutcomeNotPublished
from tests.proof.faults import Refusal
from tests.virtual_time import VirtualClock

_OUT_OF_REACH: Final[dict[str, Callable[[], Exception | Refusal]]] = {
    "graph": lambda: Refusal(503),
    "token": lambda: ServiceRequestError("no token"),
    "journal": lambda: JournalUnavailable("503"),
    "quota": lambda: JournalUnavailable("503"),
    "radius": lambda: JournalUnavailable("503"),
    "scan": lambda: JournalUnavailable("503"),
    "publish": lambda: OutcomeNotPublished("closed"),
    "schedule": lambda: ports.SettlementFailed("closed"),
    "settle": lambda: ports.SettlementFailed("closed"),
}
KINDS: Final = ("throttle", "graph", "token", "journal", "publish", "bus", "storage")
_WHAT: Final = {"bus": ("schedule", "settle", "publish"), "storage": ("journal", "quota", "radius", "scan")}


@dataclass(slots=True)
class Weather:
    """Until when (UTC) whose calls fail."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    _until: dict[str, float] = field(default_factory=dict)
    _throttled_until: float = 0.0
    _whole: bool = False

    def turn(self, kind: str, seconds: float) -> None:
        """One of KINDS begins, for so long."""
        until = self._now() + seconds
        if kind == "throttle":
            self._throttled_until = until
        else:
            self._until |= dict.fromkeys(_WHAT.get(kind, (kind,)), until)

    def meets(self, call: str) -> Exception | Refusal | None:
        """What the call of that name meets. A throttled batch is refused as a whole or in part, by turns."""
        whose = call.partition(".")[0]
        if self._until.get(whose, 0.0) > self._now():
            return _OUT_OF_REACH[whose]()
        if whose == "graph" and self._throttled_until > self._now():
            self._whole = not self._whole
            return Refusal(429, self._throttled_until - self._now(), whole=self._whole or "batch" not in call)
        return None

    def _now(self) -> float:
        return self.clock.now().timestamp()
