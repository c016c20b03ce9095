"""The message as the trigger handed it over, and what our own application properties on it say.

Properties come from outside: a copy of ours wrote them, or a sender made them up. They count on a
message that says which one it is a copy of (a replay's on any with its number), and nonsense in them counts as absent.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, Protocol

from shared.messaging import message_ids
from shared.messaging import slot as slots
from shared.messaging.slot import Slot

ATTEMPT: Final = "attempt"
COPY: Final = "copy"
ORIGINAL_MESSAGE_ID: Final = "originalMessageId"
FIRST_ENQUEUED_AT: Final = "firstEnqueuedAt"
FIRST_FAILED_AT: Final = "firstFailedAt"
REPLAY: Final = "replay"
REPLAY_OF: Final = "replayOf"
OVERRIDE: Final = "override"
SLOT: Final = "slot"
ORIGIN_TRACE: Final = "originTrace"
_SENDERS_TRACE: Final = ("traceparent", "Diagnostic-Id")
_TRACE_CONTEXT: Final = re.compile(r"[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}")

LARGEST: Final = 1_000_000


class TriggerMessage(Protocol):
    """What we use of azure.functions.ServiceBusMessage; the .NET host never sends the rest, such as the end of the lock."""

    @property
    def message_id(self) -> str: ...
    @property
    def lock_token(self) -> str | None: ...
    @property
    def delivery_count(self) -> int | None: ...
    @property
    def sequence_number(self) -> int | None: ...
    @property
    def enqueued_time_utc(self) -> datetime | None: ...
    @property
    def application_properties(self) -> dict[str, Any]: ...
    @property
    def content_type(self) -> str | None: ...
    @property
    def correlation_id(self) -> str | None: ...
    @property
    def subject(self) -> str | None: ...
    @property
    def to(self) -> str | None: ...
    @property
    def reply_to(self) -> str | None: ...
    @property
    def partition_key(self) -> str | None: ...
    def get_body(self) -> bytes: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingMessage:
    """One delivery of one message of `queue`. `delivery_count` is the broker's, of this copy, 1 at first."""

    queue: str
    message_id: str
    lock_token: str
    body: bytes
    delivery_count: int
    enqueued_at: datetime
    application_properties: Mapping[str, Any]
    content_type: str | None = None
    correlation_id: str | None = None
    subject: str | None = None
    to: str | None = None
    reply_to: str | None = None
    partition_key: str | None = None

    @property
    def attempt(self) -> int:
        """Ours, 1 at first; survives copies, and a put-off does not raise it."""
        return max(1, self._integer(ATTEMPT)) if self._is_copy else 1

    @property
    def copy(self) -> int:
        """How many copies came before this one; 0 for the message as it was sent."""
        return self._integer(COPY) if self._is_copy else 0

    @property
    def run(self) -> int:
        """How often an operator replayed this message; 0 at first."""
        return self._integer(REPLAY)

    @property
    def override(self) -> str | None:
        """The id of an operator's override, if the message carries one; whether it is one, the journal knows."""
        return self._text(OVERRIDE)

    @property
    def original_message_id(self) -> str:
        """The id of the message that this one is a copy of, or its own."""
        original = self._text(ORIGINAL_MESSAGE_ID) if self._is_copy else None
        return original or self.message_id

    @property
    def default_event_id(self) -> str:
        """The event id of an event that gives none: the id of the very first message, over copies and replays."""
        original = self.original_message_id
        if not self.run:
            return original
        first = self._text(REPLAY_OF)  # a replay by hand may lack it; one that does not fit the id is none of ours
        if first is not None and message_ids.of_replay(first, self.run) == original:
            return first
        return original.removesuffix(f":r{self.run}")

    @property
    def first_enqueued_at(self) -> datetime:
        """When the very first message arrived (UTC), over copies and replays; never later than this one."""
        first = self._time(FIRST_ENQUEUED_AT) if self._is_copy or self.run else None
        return self.enqueued_at if first is None else min(first, self.enqueued_at)

    @property
    def first_failed_at(self) -> datetime | None:
        """When the first attempt of this run failed (UTC), or None."""
        return self._time(FIRST_FAILED_AT) if self._is_copy else None

    @property
    def sender_trace(self) -> str | None:
        """The trace context (W3C traceparent) of whoever sent the original, or None: on a copy, what its SDK wrote is ours."""
        names = (ORIGIN_TRACE,) if self._is_copy else _SENDERS_TRACE
        found = (text for name in names if (text := self._text(name)) is not None and _TRACE_CONTEXT.fullmatch(text))
        return next(found, None)

    @property
    def _is_copy(self) -> bool:
        """Whether we scheduled this: only then our properties count, for a sender may have an `attempt` of its own."""
        return self._text(ORIGINAL_MESSAGE_ID) is not None and self._integer(COPY) > 0

    @property
    def slot(self) -> Slot | None:
        """The place under the rate limit that this copy was put off to, or None."""
        return slots.parse(self._text(SLOT) if self._is_copy else None)

    def _integer(self, name: str) -> int:
        value = self.application_properties.get(name)
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 8:
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int):
            return 0
        return value if 0 <= value <= LARGEST else 0

    def _text(self, name: str) -> str | None:
        value = self.application_properties.get(name)
        return value if isinstance(value, str) and value.strip() else None

    def _time(self, name: str) -> datetime | None:
        value = self._text(name)
        if value is None:
            return None
        try:
            return aware(datetime.fromisoformat(value))
        except (ValueError, OverflowError):
            return None


def aware(moment: datetime) -> datetime:
    """The moment in UTC; one without an offset is UTC, as the .NET host sends them."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def read(message: TriggerMessage, *, queue: str, now: datetime) -> IncomingMessage:
    """The trigger's message as ours.

    A message without an id gets one from its queue, arrival and sequence number, which redelivery keeps; the number alone
    comes again in another queue, and in the same one when it is made anew.
    """
    enqueued = message.enqueued_time_utc
    arrival = "" if enqueued is None else f"-{aware(enqueued):%Y%m%dT%H%M%S}"
    return IncomingMessage(
        queue=queue,
        message_id=message.message_id or f"{queue}{arrival}-{message.sequence_number}",
        lock_token=message.lock_token or "",
        body=message.get_body(),
        delivery_count=message.delivery_count or 1,
        enqueued_at=now if enqueued is None else aware(enqueued),
        application_properties=dict(message.application_properties or {}),
        content_type=message.content_type,
        correlation_id=message.correlation_id,
        subject=message.subject,
        to=message.to,
        reply_to=message.reply_to,
        partition_key=message.partition_key,
    )
