"""What happened, as far as the invariants ask: deliveries, reads, intents, POSTs, and what was found broken. Decides nothing."""

from contextvars import ContextVar
from dataclasses import dataclass, field
from datetime import datetime

from shared.domain.history import Entry, Step
from tests.proof.injector import Life


@dataclass(slots=True, eq=False)
class Delivery:
    """One delivery of one message to one life of a process. `event` and `run` are those that its journal entries name.

    `override` is the id of the override that its message carries. `hindered`: Service Bus would not settle it, or schedule what
    must come first. `ended_at`: it was over then. `knows_until`: it read the journal then, the last time.
    """

    life: Life
    queue: str
    message_id: str
    begun_at: datetime
    override: str | None = None
    reads: dict[str, tuple[datetime, str | None]] = field(default_factory=dict)
    event: str | None = None
    run: int | None = None
    hindered: bool = False
    ended_at: datetime | None = None
    knows_until: datetime | None = None


@dataclass(slots=True, eq=False)
class Post:
    """One POST: when it was sent, and when and on whom it took effect, if it did. `recorded_at`: accepted, says the journal.

    `refused_with` is the status by which Graph refused it for good. `known`: whoever asked was told that it had no effect.
    """

    delivery: Delivery
    device: str
    action: str
    sent_at: datetime | None = None
    accepted_at: datetime | None = None
    user: str | None = None
    answered_at: datetime | None = None
    recorded_at: datetime | None = None
    refused_with: int | None = None
    known: bool = False


@dataclass(slots=True, eq=False)
class Intent:
    """An intent on record, until an entry of the same delivery answers it. `lost`: the journal did not take one that would have."""

    delivery: Delivery
    device: str
    action: str
    at: datetime
    answered_at: datetime | None = None
    lost: bool = False


DELIVERY: ContextVar[Delivery] = ContextVar("delivery")
"""The delivery that the running task is about."""


@dataclass(slots=True)
class Ledger:
    """All of it, in order. `overrides` has what each override releases: a run of an event, by the override's id."""

    posts: list[Post] = field(default_factory=list)
    intents: list[Intent] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    overrides: dict[str | None, tuple[str, int]] = field(default_factory=dict)

    def find(self, claim: str, holds: bool) -> None:
        """Note what does not hold."""
        if not holds:
            self.broken.append(claim)

    def recorded(self, entry: Entry, at: datetime) -> None:
        """The journal took an entry of an event."""
        delivery, device, action = DELIVERY.get(), entry.device.autopilot_device_id, entry.action.value
        if entry.step is Step.INTENT:
            self.intents.append(Intent(delivery, device, action, at))
            return
        for intent in self._open(device, action):
            intent.answered_at = at
        if entry.step is Step.ACCEPTED:
            for post in self.posts:
                if post.delivery is delivery and (post.device, post.action) == (device, action):
                    post.recorded_at = at

    def unrecorded(self, entry: Entry) -> None:
        """The journal may not have taken it, or whoever wrote it does not know."""
        for intent in self._open(entry.device.autopilot_device_id, entry.action.value):
            intent.lost = True

    def _open(self, device: str, action: str) -> list[Intent]:
        delivery = DELIVERY.get()
        return [
            each
            for each in self.intents
            if each.delivery is delivery and (each.device, each.action) == (device, action) and each.answered_at is None
        ]
