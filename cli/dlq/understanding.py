"""A dead letter understood: which event its body is, or why it is none, and where the journal has it. Pure."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cli.wording import Wording
from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.domain.identifiers import EventId, folded
from shared.messaging import contract, verification
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.incoming import IncomingMessage
from shared.messaging.verification import Verification
from shared.progress import VERIFICATION

type Decode = Callable[[IncomingMessage, str], events.Event]
"""How the service reads a message: by the contract alone, or by a mapping file too."""

_EVENT_ID: Final = "eventId"
_NOT_DATA: Final = "the body is an AMQP value or sequence, which no function is handed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Understood:
    """A dead letter of a queue that takes `event_type`. Either `event` or `problem` says what its body is.

    In the queue of verifications `event_type` is that of the event whose run is verified, and `look` says which run that is.
    """

    letter: DeadLettered
    event_type: str
    event: events.Event | None
    problem: str
    is_verification: bool = False
    look: Verification | None = None
    decode: Decode = contract.decode

    def run_of_event(self, run: int) -> int:
        """The event's run that a replay with this run belongs to: replays of a verification are no runs of the event."""
        return run if self.look is None else self.look.run

    @property
    def record_id(self) -> EventId:
        """What the journal knows the event by."""
        return EventId(f"{self.event_type}:{self.event_id}")

    @property
    def event_id(self) -> str:
        """The event's own id; of one that can't be read, the id that its message gives it."""
        return self.letter.message.default_event_id if self.event is None else self.event.request.event_id

    @property
    def claims_id(self) -> EventId:
        """Where the journal keeps which replays of this message were begun, whatever its body says."""
        message = self.letter.message
        first = message.default_event_id if self.look is None else verification.first_look(message)
        return EventId(f"message:{message.queue}:{first}")

    def with_body(self, body: bytes) -> "Understood":
        """The same dead letter with another body."""
        message = dataclasses.replace(self.letter.message, body=body)
        queue_takes = VERIFICATION if self.is_verification else self.event_type
        return understand(dataclasses.replace(self.letter, message=message, readable=True), queue_takes, self.decode)

    def about(self) -> str:
        """Whom or what the event is about, for the operator; empty if nobody knows."""
        match self.event:
            case events.UserOffboarded() as left:
                names = (left.user_principal_name, *left.previous_user_principal_names, left.user_object_id)
                return next((name for name in names if name), "")
            case events.DeviceRetired() as retired:
                return " ".join(_names(retired))
            case None:
                return ""


def subject(dead: Understood) -> str:
    """Whom or what it is about, and which event it is; empty if nobody can read it."""
    return "" if dead.event is None else f"{dead.about()}, event {dead.event_id}"


def is_another(dead: Understood, sent: Understood) -> bool:
    """Whether a corrected body names somebody, a device or an event id that the original does not.

    Of an original that is no event, what it names is what stands in it as a text by itself, under whichever key.
    """
    if sent.event is None:
        return False
    if dead.event is not None:
        return not _named(sent.event) <= _named(dead.event) or sent.event_id != dead.event_id
    original = Wording.of(dead.letter.message.body.decode("utf-8", "replace"))
    if not all(map(original.names, _names(sent.event))):
        return True
    return original.has_key(_EVENT_ID) and not original.names(sent.event_id)


def _named(event: events.Event) -> set[object]:
    match event:
        case events.UserOffboarded():
            return {folded(name) for name in _names(event)}
        case events.DeviceRetired() as retired:
            return {retired.device}


def _names(event: events.Event) -> list[str]:
    match event:
        case events.UserOffboarded() as left:
            names = (left.user_object_id, left.user_principal_name, *left.previous_user_principal_names)
            return [name for name in names if name]
        case events.DeviceRetired() as retired:
            return [str(getattr(retired.device, each.name)) for each in dataclasses.fields(retired.device)]


def understand(letter: DeadLettered, event_type: str, decode: Decode = contract.decode) -> Understood:
    """Read a dead letter as the service would. `event_type` is what its queue takes, VERIFICATION for our own."""
    event, look, problem = None, None, ""
    try:
        if event_type == VERIFICATION:
            look = verification.read(letter.message)
            event = verification.event(letter.message, look)
        elif letter.readable:
            event = decode(letter.message, event_type)
        else:
            problem = _NOT_DATA
    except InvalidMessage as error:
        problem = str(error)
    return Understood(
        letter=letter,
        event_type=event_type if look is None else look.event_type,
        event=event,
        problem=problem,
        is_verification=event_type == VERIFICATION,
        look=look,
        decode=decode,
    )
