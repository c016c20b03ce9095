"""What stands in a body that may be no event, or no JSON: its texts, whatever they mean. Pure."""

import json
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

from shared.domain.identifiers import folded


@dataclass(frozen=True, slots=True)
class Wording:
    """The texts and numbers of a JSON document and the names of its keys; of what is no JSON, all of it as one text."""

    texts: Sequence[str]
    keys: Collection[str] | None = None

    @classmethod
    def of(cls, text: str) -> Self:
        """Read it, as far as it can be read."""
        try:
            values = list(_values(json.loads(text)))
        except (ValueError, RecursionError):
            return cls([text])
        texts = [str(each) for each in values if isinstance(each, str | int | float)]
        return cls(texts, {folded(key) for each in values if isinstance(each, dict) for key in each})

    @property
    def is_json(self) -> bool:
        """Whether it is a JSON document."""
        return self.keys is not None

    def names(self, name: str) -> bool:
        """Whether the name stands in it, not as a part of a longer one, and whatever its case."""
        pattern = rf"(?<![\w.@-]){re.escape(folded(name))}(?![\w.@-])"
        return any(re.search(pattern, folded(each)) is not None for each in self.texts)

    def has_key(self, key: str) -> bool:
        """Whether it has such a key anywhere, or the word where it is no JSON, whatever its case."""
        if self.keys is not None:
            return folded(key) in self.keys
        return any(folded(key) in folded(each) for each in self.texts)


def readable(body: bytes) -> str:
    """A body as text, in whichever of Unicode's encodings it is; what is in none is replaced."""
    return body.decode(json.detect_encoding(body), "replace").removeprefix("\ufeff")


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
