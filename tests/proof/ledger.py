"""What happened, as far as the invariants ask: deliveries, reads, POSTs, and what was found broken. Decides nothing itself."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.history import Entry
from tests.proof.injector import Life


@dataclass(slots=True, eq=False)
class Delivery:
    """One delivery of one message to one life of a process. `event` and `run` are those that its journal entries name."""

    life: Life
    queue: str
    message_id: str
    begun_at: datetime
    reads: dict[str, tuple[datetime, str | None]] = field(default_factory=dict)
    event: str | None = None


@dataclass(slots=True, eq=False)
class Post:
    """One POST: when it was sent, and when and on whom it took effect, if it did. `recorded_at`: accepted, says the journal."""

    delivery: Delivery
    device: str
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    user: str | None = None
    answered_at: datetime | None = None
    recorded_at: datetime | None = None


DELIVERY: ContextVar[Delivery] = ContextVar("delivery")
"""The delivery that the running task is about."""


@dataclass(slots=True)
class Ledger:
    """All of it, in order."""

    posts: list[Post] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def find(self, claim: str, holds: bool) -> None:
        """Note what does not hold."""
        if not holds:
            self.broken.append(claim)

    def recorded(self, entry: Entry, at: datetime) -> None:
        """The journal took an entry that says that Graph accepted."""
        delivery = DELIVERY.get()
        for post in self.posts:
            if post.delivery is delivery and post.device == entry.device.autopilot_device_id:
                post.recorded_at = at
