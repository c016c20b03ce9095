"""An event that is not on record, looked for among the dead letters: also in bodies that are no event. Changes nothing."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from cli import peeking, wording
from cli.wording import Wording
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
    found = Wording.of(wording.readable(message.body))
    if found.is_json:
        return event_id in found.texts
    return re.search(rf"(?<![\w-]){re.escape(event_id)}(?![\w-])", found.texts[0]) is not None


def in_words(each: Mapping[str, Any]) -> str:
    """Where it is, and how to see it."""
    return f"a dead letter in {each['queue']} (number {each['number']}) names it: offboard dlq show {each['number']}"
