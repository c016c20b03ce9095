"""What is claimed of any message: it is an event or InvalidMessage, whose text quotes nothing; an event can be said again."""

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from shared import mapping_file
from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract, contract_body
from shared.messaging.incoming import IncomingMessage
from tests import builders
from tests.fuzz import kept

_MAPPINGS: Final = Path(mapping_file.__file__).parent / "mappings"
MAPPINGS: Final = tuple(sorted(path.stem for path in _MAPPINGS.glob("*.yaml")))
_LONGEST: Final = 2_000

type Decode = Callable[[IncomingMessage, str], events.Event]


def read(data: bytes) -> tuple[IncomingMessage, str, str]:
    """The message that an input stands for, the event that its queue takes, and the mapping file that is set, if any."""
    words, body, lines = kept.parts(data)
    event_type = next((word for word in words if word in contract.MODELS), events.UserOffboarded.TYPE)
    mapping = next((word for word in words if word in MAPPINGS), "")
    return builders.message(body, application_properties=kept.properties(lines)), event_type, mapping


@cache
def decoder(mapping: str) -> Decode:
    """What decodes where this mapping file is set."""
    return mapping_file.decoder(f"shared/mappings/{mapping}.yaml" if mapping else "") or contract.decode


def check(data: bytes) -> str:
    """Decode it, and see that the claims hold: `event` or `refused`. Raises AssertionError, or whatever escaped."""
    message, event_type, mapping = read(data)
    try:
        event = decoder(mapping)(message, event_type)
    except InvalidMessage as refusal:
        _refused(refusal.path, str(refusal))
        return "refused"
    assert event_type == event.TYPE, "another event than the queue takes"
    again = contract.decode(
        builders.message(contract_body.encode(event), message_id=event.request.event_id), event_type
    )
    assert again == event, "said again, it is another event"
    return "event"


def _refused(path: str, text: str) -> None:
    assert kept.SECRET not in text, "the text quotes the message"
    assert path.startswith("$"), "the text names no path"
    assert len(text) <= _LONGEST, "the text is too long"


def counted(results: Sequence[str]) -> dict[str, int]:
    """How often each came."""
    return {each: results.count(each) for each in sorted(set(results))}
