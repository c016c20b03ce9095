"""What happened in the namespace, in order, for tests to read: who did what to which message, and when."""

import dataclasses
import enum
from collections import deque
from collections.abc import Hashable
from datetime import datetime

_KEPT = 200_000


class Operation(enum.StrEnum):
    """Everything that can happen to an entity or a message. Faults name what they stop by the same words."""

    ATTACH = "attach"
    SEND = "send"
    SCHEDULE = "schedule"
    CANCEL = "cancel"
    DUPLICATE = "duplicate"
    ACTIVATE = "activate"
    DELIVER = "deliver"
    PEEK = "peek"
    RECEIVE_DEFERRED = "receive-deferred"
    RENEW = "renew"
    COMPLETE = "complete"
    ABANDON = "abandon"
    RELEASE = "release"
    DEFER = "defer"
    DEAD_LETTER = "dead-letter"
    LOCK_EXPIRED = "lock-expired"
    EXPIRED = "expired"


@dataclasses.dataclass(frozen=True, slots=True)
class TraceEntry:
    """One thing that happened; `fault` names the effect of a scripted fault that it met instead."""

    time: datetime
    entity: str
    operation: Operation
    message_id: Hashable = None
    fault: str | None = None


class Trace:
    """The entries in order; the oldest are dropped when there are very many."""

    def __init__(self) -> None:
        self._entries: deque[TraceEntry] = deque(maxlen=_KEPT)

    def note(self, entry: TraceEntry) -> None:
        """Add an entry."""
        self._entries.append(entry)

    def entries(self) -> tuple[TraceEntry, ...]:
        """All entries kept, oldest first."""
        return tuple(self._entries)
