"""An event that is not on record, looked for among the dead letters: also in bodies that are no event. Changes nothing."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cli import peeking
from shared.messaging.dead_lettered import DeadLettered


async def found(event_id: str, queue: str) -> Sequence[Mapping[str, Any]]:
    """Each dead letter of a queue that names the event. Raises the SDK's errors, TimeoutError and OSError."""
    return [
        {"queue": queue, "number": each.sequence_number, "reason": each.reason}
        async for each in peeking.dead_letters(queue)
        if names(each, event_id)
    ]


def names(letter: DeadLettered, event_id: str) -> bool:
    """Whether its body has the id as a value, wherever that is, or as a word where the body is no JSON; or its message has it."""
    message = letter.message
    if event_id in {message.message_id, message.original_message_id, message.default_event_id}:
        return True
    text = message.body.decode(json.detect_encoding(message.body), "replace")
    try:
        return event_id in _values(json.loads(text.removeprefix("\ufeff")))
    except (ValueError, RecursionError):
        return re.search(rf"(?<![\w-]){re.escape(event_id)}(?![\w-])", text) is not None


def in_words(each: Mapping[str, Any]) -> str:
    """Where it is, and how to see it."""
    return f"a dead letter in {each['queue']} (number {each['number']}) names it: offboard dlq show {each['number']}"


def _values(value: Any) -> Iterator[str]:
    """All texts and numbers in a JSON value, but the names of its keys."""
    match value:
        case dict():
            for each in value.values():
                yield from _values(each)
        case list():
            for each in value:
                yield from _values(each)
        case str() | int() | float():
            yield str(value)
