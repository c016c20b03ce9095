"""The message by which a run of an event comes back to be verified, in a queue of our own. Pure.

Its body is the event itself in the message contract; its application properties say which event and run, the how-manieth
look, and when the event arrived. Nobody but us sends there.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract, contract_body, incoming
from shared.messaging.copies import Property, ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.message_ids import bounded_message_id

NUMBER: Final = "verify"
EVENT_RUN: Final = "eventRun"
EVENT_TYPE: Final = "eventType"
EVENT_ID: Final = "eventId"
EVENT_ARRIVED_AT: Final = "eventArrivedAt"

_JSON: Final = "application/json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Look `number` (1 at first) at what run `run` did for an event that arrived at `arrived_at` (UTC)."""

    event_type: str
    run: int
    number: int
    arrived_at: datetime


def read(message: IncomingMessage) -> Verification:
    """What a delivery is to verify. Raises InvalidMessage for a message that we did not send."""
    properties = message.application_properties
    event_type, number, run = (
        properties.get(EVENT_TYPE),
        _count(properties.get(NUMBER)),
        _count(properties.get(EVENT_RUN)),
    )
    if event_type not in contract.MODELS or not number or run is None:
        raise InvalidMessage("$", "is no verification of ours: this queue takes nothing else")
    return Verification(event_type=str(event_type), run=run, number=number, arrived_at=_arrived_at(properties, message))


def event(message: IncomingMessage, verification: Verification) -> events.Event:
    """The event that is verified. Raises InvalidMessage."""
    event_id = message.application_properties.get(EVENT_ID)
    if not isinstance(event_id, str) or not event_id:
        raise InvalidMessage("$", "is no verification of ours: this queue takes nothing else")
    return contract.decode(replace(message, message_id=event_id, application_properties={}), verification.event_type)


def schedule(
    event: events.Event,
    verification: Verification,
    *,
    queue: str,
    at: datetime,
    after: IncomingMessage,
) -> ScheduledCopy:
    """The message for one look at what a run did, to be enqueued `at` (UTC); `after` is the delivery that it follows.

    Its id is that of the run and the look: scheduled twice it is one, for duplicate detection.
    """
    properties: dict[str, Property] = {
        EVENT_TYPE: verification.event_type,
        EVENT_ID: event.request.event_id,
        EVENT_RUN: verification.run,
        NUMBER: verification.number,
        EVENT_ARRIVED_AT: verification.arrived_at.isoformat(),
    }
    message_id = _id(verification.event_type, event.request.event_id, verification.run, verification.number)
    if after.override is not None:
        properties[incoming.OVERRIDE] = after.override
    if after.queue == queue and after.run:
        properties[incoming.REPLAY] = after.run
        message_id = f"{message_id}:r{after.run}"
    original = replace(
        after,
        queue=queue,
        body=contract_body.encode(event),
        content_type=_JSON,
        subject=None,
        to=None,
        reply_to=None,
        partition_key=None,
    )
    return ScheduledCopy(
        original=original,
        message_id=bounded_message_id(message_id),
        enqueue_at=at,
        application_properties=properties,
    )


def first_look(message: IncomingMessage) -> str:
    """The id that the first look at the same run had. A replay looks anew from there, with ids that no look of the run has had.

    Raises InvalidMessage for a message that we did not send.
    """
    look = read(message)
    return _id(look.event_type, str(message.application_properties.get(EVENT_ID)), look.run, 1)


def _id(event_type: str, event_id: str, run: int, number: int) -> str:
    return f"{event_type}:{event_id}:{run}:verify:{number}"


def _count(value: Any) -> int | None:
    counts = isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= incoming.LARGEST
    return value if counts else None


def _arrived_at(properties: Mapping[str, Any], message: IncomingMessage) -> datetime:
    try:
        return incoming.aware(datetime.fromisoformat(str(properties.get(EVENT_ARRIVED_AT))))
    except (ValueError, OverflowError):
        return message.first_enqueued_at
