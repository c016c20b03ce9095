"""What a test or an operator sees of an entity: copies, safe to keep while the broker goes on."""

import dataclasses
from collections.abc import Hashable, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Self

from emulators.servicebus.message import Message, State


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class MessageView:
    """One message. `delivery_count` counts the deliveries begun; `properties` are AMQP's, by their AMQP names."""

    sequence_number: int
    message_id: Hashable
    body: bytes
    properties: Mapping[str, Any]
    application_properties: Mapping[str, Any]
    time_to_live: timedelta | None
    delivery_count: int
    enqueued_at: datetime
    expires_at: datetime | None
    locked_until: datetime | None
    scheduled_for: datetime | None
    dead_letter_reason: str | None
    dead_letter_description: str | None

    @classmethod
    def of(cls, message: Message) -> Self:
        """A copy of what the broker knows."""
        content = message.content
        return cls(
            sequence_number=message.sequence_number,
            message_id=content.message_id,
            body=content.body,
            properties=dict(content.properties),
            application_properties=dict(content.application_properties),
            time_to_live=content.time_to_live,
            delivery_count=message.delivery_count,
            enqueued_at=message.enqueued_at,
            expires_at=message.expires_at,
            locked_until=message.locked_until,
            scheduled_for=message.scheduled_for,
            dead_letter_reason=message.dead_letter_reason,
            dead_letter_description=message.dead_letter_description,
        )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class EntityView:
    """One queue, subscription or topic, its messages in order of sequence number.

    `counters` say how often each operation happened since the start, by the names of `trace.Operation`.
    """

    path: str
    active: tuple[MessageView, ...] = ()
    locked: tuple[MessageView, ...] = ()
    deferred: tuple[MessageView, ...] = ()
    scheduled: tuple[MessageView, ...] = ()
    dead_lettered: tuple[MessageView, ...] = ()
    counters: Mapping[str, int] = dataclasses.field(default_factory=dict)


def by_state(messages: Iterable[Message]) -> dict[State, tuple[MessageView, ...]]:
    """Views of messages, sorted into their states; every state is there."""
    sorted_out: dict[State, list[MessageView]] = {state: [] for state in State}
    for message in messages:
        sorted_out[message.state].append(MessageView.of(message))
    return {state: tuple(found) for state, found in sorted_out.items()}
