"""A dead letter understood: which event its body is, or why it is none, and where the journal has it. Pure."""

import dataclasses
from dataclasses import dataclass
from typing import Final

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.domain.identifiers import EventId
from shared.messaging import contract
from shared.messaging.dead_lettered import DeadLettered

VERIFICATION: Final = "verification"
"""Stands for an event type on the queue of our own verifications, which holds no events."""
_NOT_DATA: Final = "the body is an AMQP value or sequence, which no function is handed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A dead letter of a queue that takes `event_type`. Either `event` or `problem` says what its body is."""

    letter: DeadLettered
    event_type: str
    event: events.Event | None
    problem: str

    @property
    def is_verification(self) -> bool:
        """Whether it is a message of our own, not an event."""
        return self.event_type == VERIFICATION

    @property
    def record_id(self) -> EventId:
        """What the journal knows the event by; one that can't be read, by the id that its message gives it."""
        event_id = self.letter.message.default_event_id if self.event is None else self.event.request.event_id
        return EventId(f"{self.event_type}:{event_id}")

    @property
    def claims_id(self) -> EventId:
        """Where the journal keeps which replays of this message were begun, whatever its body says."""
        return EventId(f"message:{self.letter.message.queue}:{self.letter.message.default_event_id}")

    def with_body(self, body: bytes) -> "Understood":
        """The same dead letter with another body."""
        message = dataclasses.replace(self.letter.message, body=body)
        return understand(dataclasses.replace(self.letter, message=message, readable=True), self.event_type)

    def about(self) -> str:
        """Whom or what the event is about, for the operator; empty if nobody knows."""
        match self.event:
            case events.UserOffboarded() as left:
                names = (left.user_principal_name, *left.previous_user_principal_names, left.user_object_id)
                return next((name for name in names if name), "")
            case events.DeviceRetired() as retired:
                return " ".join(str(getattr(retired.device, each.name)) for each in dataclasses.fields(retired.device))
            case None:
                return ""


def understand(letter: DeadLettered, event_type: str) -> Understood:
    """Read a dead letter's body as the service would."""
    event, problem = None, ""
    if not letter.readable:
        problem = _NOT_DATA
    elif event_type != VERIFICATION:
        try:
            event = contract.decode(letter.message, event_type)
        except InvalidMessage as error:
            problem = str(error)
    return Understood(letter=letter, event_type=event_type, event=event, problem=problem)
