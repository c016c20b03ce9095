"""What stands in a body that may be no event, or no JSON: its texts, whatever they mean. Pure."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from shared.domain.identifiers import folded


def stands_in(body: bytes, text: str) -> bool:
    """Whether the text stands in the body, not as a part of a longer name, and whatever its case."""
    pattern = rf"(?<![\w.@-]){re.escape(folded(text))}(?![\w.@-])"
    return any(re.search(pattern, folded(each)) is not None for each in _texts(body))


def has_key(body: bytes, key: str) -> bool:
    """Whether a JSON document has such a key anywhere, or what is no JSON has the word, whatever its case."""
    document = _read(body)
    if isinstance(document, _NotJson):
        return folded(key) in folded(document.text)
    return any(folded(key) in map(folded, each) for each in _values(document) if isinstance(each, dict))


def _texts(body: bytes) -> Iterator[str]:
    """The texts and numbers of a JSON document; of what is none, all of it as text."""
    document = _read(body)
    if isinstance(document, _NotJson):
        return iter([document.text])
    return (str(each) for each in _values(document) if not isinstance(each, dict | list))


@dataclass(frozen=True, slots=True)
class _NotJson:
    text: str


def _read(body: bytes) -> Any:
    readable = body.decode("utf-8", "replace")
    try:
        return json.loads(readable)
    except (ValueError, RecursionError):
        return _NotJson(readable)


def _values(document: Any) -> Iterator[Any]:
    """Every value in it, objects and lists among them."""
    left = [document]
    while left:
        value = left.pop()
        yield value
        match value:
            case dict():
                left += value.values()
            case list():
                left += value
