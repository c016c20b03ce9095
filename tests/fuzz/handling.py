"""Hostile messages through the whole processor, over fakes of its ports: each is settled once, at its first delivery, for good."""

import time
from dataclasses import dataclass, replace

from shared.domain import events
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.fuzz import kept, messages
from tests.scene import Scene

_DESCRIPTION_LIMIT = 1_024
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
    runs = replace(scene.processor.runs, decode=messages.decoder(mapping))
    processor = replace(scene.processor, runs=runs)
    trigger = builders.Trigger(body=message.body, application_properties=dict(message.application_properties))
    deliver = processor.user_offboarding if event_type == events.UserOffboarded.TYPE else processor.device_retirement
    begun = time.process_time()
    await deliver(trigger)
    return Handled(_end(scene), time.process_time() - begun)


def _end(scene: Scene) -> str:
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
