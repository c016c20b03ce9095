"""Values on one line of text: nothing in them may break a line in two, or forge one. Knows nothing of what they mean."""

import json
import re
import shlex
from datetime import UTC, datetime
from typing import Any


def as_word(value: Any) -> str:
    """The value as one word; a text with spaces or anything but printable ASCII is quoted, as JSON."""
    text = str(value)
    plain = text.isascii() and text.isprintable() and " " not in text and text
    return text if plain else json.dumps(text)


def printable(text: str) -> str:
    """The text for a terminal: what is not printable (an escape, a line feed) shows as its escape."""
    return "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in text)


def status_of(event_id: str) -> str:
    """The command that tells what became of an event, as one gives it to a shell."""
    return f"offboard status {shlex.quote(printable(event_id))}"


def counted(number: int, thing: str) -> str:
    """A number of things, as one says it: 1 row, 2 rows."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def label(name: str) -> str:
    """A key of a JSON document as people read it: whatToDo as what to do."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def moment(text: str) -> str:
    """A time of ISO 8601 to the second, in UTC, which is not said with it."""
    return f"{datetime.fromisoformat(text).astimezone(UTC):%Y-%m-%d %H:%M:%S}"


def yes_or_no(*, value: bool) -> str:
    """A truth value in words."""
    return "yes" if value else "no"
