"""What was sent, and what it may lead to: whom and which devices it is about, when, and how it may end. Knows no model."""

from dataclasses import dataclass
from datetime import datetime

type Key = tuple[str, str, int, bool]
"""A run: the event's type and id, the run's number, and whether it is a dry one."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that a sender or an operator sent, and the run that it asks for. `about` are the users it may unassign.

    `devices`: only on these, if it names any, and each of the `actions` on each. `effective_at`: not before then. `reasons`: the
    dead letters that it calls for, beside what Graph and the guards refuse. `released`: an operator released the guards for it.
    """

    message_id: str
    event_type: str
    event_id: str
    run: int
    about: frozenset[str]
    devices: frozenset[str] | None = None
    effective_at: datetime | None = None
    dry_run: bool = False
    actions: frozenset[str] = frozenset({"unassignUser"})
    reasons: frozenset[str] = frozenset()
    released: bool = False

    @property
    def key(self) -> Key:
        """The run that it asks for."""
        return self.event_type, self.event_id, self.run, self.dry_run

    @property
    def event(self) -> str:
        """The event as journal entries name it."""
        return f"{self.event_type}:{self.event_id}"

    def concerns(self, device: str) -> bool:
        """Whether it may touch that device at all."""
        return not self.dry_run and (self.devices is None or device in self.devices)
