"""Message ids: what the broker takes, and those of copies and replays. Duplicate detection goes by them: each is its own."""

import hashlib
from typing import Final

MESSAGE_ID_LIMIT: Final = 128
"""Service Bus' own limit on a message id, in characters."""


def bounded_message_id(message_id: str) -> str:
    """The id itself if the broker takes it, else a cut one with a hash of the whole, so that it stays unique."""
    if len(message_id) <= MESSAGE_ID_LIMIT:
        return message_id
    digest = hashlib.sha256(message_id.encode("utf-8", "surrogatepass")).hexdigest()[:32]
    return f"{message_id[: MESSAGE_ID_LIMIT - 33]}~{digest}"


def of_copy(original_message_id: str, number: int) -> str:
    """The id of the `number`-th copy of a message, 1 at first."""
    return bounded_message_id(f"{original_message_id}:{number}")


def of_replay(first_message_id: str, run: int) -> str:
    """The id of the replay that is run `run`, 1 at first, of the message that was sent as `first_message_id`."""
    return bounded_message_id(f"{first_message_id}:r{run}")
