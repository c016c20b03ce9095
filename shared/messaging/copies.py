"""The scheduled copy that a delayed retry or a put-off leaves behind before the original is completed.

Its message id is new for every copy, since duplicate detection drops a repeated one in silence; its properties carry what
must survive: the attempt, the original's id and clocks, the run, and the slot that this copy is put off to.
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from shared.messaging import incoming, settlement
from shared.messaging.incoming import IncomingMessage
from shared.messaging.message_ids import of_copy

type Property = str | int | float | bool

_INT32: Final = 2**31
_ADDED_BY_THE_BROKER: Final = ("DeadLetterReason", "DeadLetterErrorDescription")
_ADDED_BY_THE_SDK: Final = ("Diagnostic-Id", "traceparent", "tracestate")
"""The SDK writes these anew on each send; a copy that kept the old ones would send both."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledCopy:
    """A copy of `original`, to be enqueued at `enqueue_at` (UTC); body and standard properties are the original's."""

    original: IncomingMessage
    message_id: str
    enqueue_at: datetime
    application_properties: Mapping[str, Property]


def schedule(
    message: IncomingMessage,
    decision: settlement.DelayedRetry | settlement.PutOff,
    *,
    now: datetime,
) -> ScheduledCopy:
    """The copy for a decision. A put-off keeps the attempt and the clock of failures as they are."""
    number = message.copy + 1
    properties = kept_properties(message, without=(incoming.SLOT, incoming.ORIGIN_TRACE))
    properties |= {
        incoming.COPY: number,
        incoming.ATTEMPT: message.attempt,
        incoming.ORIGINAL_MESSAGE_ID: message.original_message_id,
        incoming.FIRST_ENQUEUED_AT: message.first_enqueued_at.isoformat(),
    }
    if message.sender_trace is not None:
        properties[incoming.ORIGIN_TRACE] = message.sender_trace
    match decision:
        case settlement.DelayedRetry(delay):
            properties[incoming.ATTEMPT] = message.attempt + 1
            properties[incoming.FIRST_FAILED_AT] = (message.first_failed_at or now).isoformat()
            enqueue_at = now + delay
        case settlement.PutOff(until, _, slot):
            enqueue_at = until
            if slot is not None:
                properties[incoming.SLOT] = str(slot)
        case _:
            assert_never(decision)
    return ScheduledCopy(
        original=message,
        message_id=of_copy(message.original_message_id, number),
        enqueue_at=enqueue_at,
        application_properties=properties,
    )


def kept_properties(message: IncomingMessage, *, without: Collection[str]) -> dict[str, Property]:
    """The application properties that a copy or a replay is sent with again: all but the broker's, the SDK's and those named."""
    dropped = {name.casefold() for name in (*_ADDED_BY_THE_BROKER, *_ADDED_BY_THE_SDK, *without)}
    given = message.application_properties.items()
    return {name: _sendable(value) for name, value in given if name.casefold() not in dropped and value is not None}


def _sendable(value: Any) -> Property:
    """A sender's property in a form that the SDK takes: it refuses integers beyond 32 bits, and anything nested."""
    match value:
        case str() | bool() | float():
            return value
        case int() if -_INT32 <= value < _INT32:
            return value
        case _:
            return json.dumps(value, default=str)
