"""Spells in which somebody is out of reach, or asks to wait. Knows names of calls and times, no message."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared import ports
from shared.domain.errors import GraphThrottled, GraphUnavailable, JournalUnavailable, OutcomeNotPublished
from tests.virtual_time import VirtualClock

_ERRORS: Final[dict[str, Callable[[], Exception]]] = {
    "graph": lambda: GraphUnavailable("503"),
    "journal": lambda: JournalUnavailable("503"),
    "quota": lambda: JournalUnavailable("503"),
    "radius": lambda: JournalUnavailable("503"),
    "publish": lambda: OutcomeNotPublished("closed"),
    "schedule": lambda: ports.SettlementFailed("closed"),
    "settle": lambda: ports.SettlementFailed("closed"),
}
KINDS: Final = ("throttle", "graph", "journal", "publish", "bus", "storage")
_WHAT: Final = {"bus": ("schedule", "settle", "publish"), "storage": ("journal", "quota", "radius")}


@dataclass(slots=True)
class Weather:
    """Until when (UTC) whose calls fail."""

    clock: VirtualClock = field(default_factory=VirtualClock)
    _until: dict[str, float] = field(default_factory=dict)
    _throttled_until: float = 0.0

    def turn(self, kind: str, seconds: float) -> None:
        """One of KINDS begins, for so long."""
        until = self._now() + seconds
        if kind == "throttle":
            self._throttled_until = until
        else:
            self._until |= dict.fromkeys(_WHAT.get(kind, (kind,)), until)

    def error(self, call: str) -> Exception | None:
        """What the call of that name meets."""
        whose = call.partition(".")[0]
        if self._until.get(whose, 0.0) > self._now():
            return _ERRORS[whose]()
        if whose == "graph" and self._throttled_until > self._now():
            return GraphThrottled("429", retry_after=timedelta(seconds=self._throttled_until - self._now()))
        return None

    def _now(self) -> float:
        return self.clock.now().timestamp()
