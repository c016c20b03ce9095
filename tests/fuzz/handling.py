"""Hostile messages through the whole processor, over fakes of its ports: each is settled once, at its first delivery, for good."""

import time
from dataclasses import dataclass, replace
from typing import Any

from shared.domain import events
from shared.domain.identifiers import EventId
from shared.messaging.dead_letters import Reason
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.fuzz import kept, messages
from tests.personal import personal
from tests.scene import Scene

_DESCRIPTION_LIMIT = 1_024
_AN_ID = "an-id"
_DEVICES = tuple(builders.device(name) for name in ("d1", "d2"))


@dataclass(frozen=True, slots=True)
class Handled:
    """How one message ended, and the processor time that it took, in seconds."""

    end: str
    seconds: float


async def handle(data: bytes) -> Handled:
    """Deliver one message to a processor of its own. Raises AssertionError, or whatever escaped."""
    message, event_type, mapping = messages.read(data)
    scene = Scene(*_DEVICES)
    runs = replace(scene.processor.runs, decode=_with_harmless_id(messages.decoder(mapping)))
    processor = replace(scene.processor, runs=runs)
    properties = dict(message.application_properties)
    if "originalMessageId" in properties:
        properties["originalMessageId"] = _harmless(properties["originalMessageId"])
    trigger = builders.Trigger(body=message.body, application_properties=properties)
    deliver = processor.user_offboarding if event_type == events.UserOffboarded.TYPE else processor.device_retirement
    begun = time.process_time()
    await deliver(trigger)
    return Handled(end(scene), time.process_time() - begun)


def _with_harmless_id(decode: messages.Decode) -> messages.Decode:
    """Ids are logged as their sender chose them: one that holds a name is replaced, so that no log may hold any."""

    def decoded(message: IncomingMessage, event_type: str) -> events.Event:
        event = decode(message, event_type)
        request = replace(event.request, event_id=EventId(_harmless(event.request.event_id)))
        return replace(event, request=request)

    return decoded


def _harmless(value: Any) -> Any:
    return _AN_ID if isinstance(value, str) and personal(value) else value


def end(scene: Scene) -> str:
    """How it was settled. Raises AssertionError unless that is once, and for good."""
    assert len(scene.settlements) == 1, "not settled exactly once"
    match scene.settlements[0]:
        case DeadLetter(reason, description):
            assert reason is not Reason.UNEXPECTED_ERROR, "an exception escaped"
            assert kept.SECRET not in description, "the description quotes the message"
            assert len(description) <= _DESCRIPTION_LIMIT, "the description is too long"
            assert scene.publisher.published, "nobody was told"
            return str(reason.value)
        case Complete():
            assert scene.publisher.published or scene.settler.scheduled, "completed without a trace"
            return "put off" if scene.settler.scheduled else "completed"
        case other:
            raise AssertionError(f"an exception escaped: {other}")
