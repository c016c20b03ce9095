"""A message: what its sender wrote (`Content`, never changed) and what the broker knows about it (`Message`).

Knows nothing of AMQP's encoding: sections are opaque bytes here, so that what comes back is bit for bit what was sent.
"""

import dataclasses
import enum
import uuid
from collections.abc import Hashable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self


class State(enum.Enum):
    """Where a message is in its queue."""

    ACTIVE = "active"
    LOCKED = "locked"
    SCHEDULED = "scheduled"
    DEFERRED = "deferred"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What the sender wrote.

    `properties` are AMQP's (`message-id`, `subject`, ...); `header` is durable, priority and time to live as sent;
    `body` is the payload of its data sections, `sections` all raw sections that are passed on as they came, by their code.
    """

    message_id: Hashable = None
    properties: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    application_properties: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    annotations: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    header: tuple[Any, Any, Any] = (None, None, None)
    time_to_live: timedelta | None = None
    scheduled_for: datetime | None = None
    body: bytes = b""
    sections: tuple[tuple[int, bytes], ...] = ()
    application_properties_changed: bool = False
    size: int = 0

    def with_application_properties(self, changes: Mapping[str, Any]) -> Self:
        """The same content with these properties set; they are then encoded anew, as the raw section no longer fits."""
        if not changes:
            return self
        return dataclasses.replace(
            self,
            application_properties={**self.application_properties, **changes},
            application_properties_changed=True,
        )


@dataclasses.dataclass(slots=True, kw_only=True)
class Message:
    """One message in one queue. `delivery_count` counts the deliveries begun, the present one included."""

    sequence_number: int
    content: Content
    enqueued_at: datetime
    expires_at: datetime | None = None
    scheduled_for: datetime | None = None
    state: State = State.ACTIVE
    delivery_count: int = 0
    lock_token: uuid.UUID | None = None
    locked_until: datetime | None = None
    was_deferred: bool = False
    dead_letter_reason: str | None = None
    dead_letter_description: str | None = None
    dead_letter_source: str | None = None
