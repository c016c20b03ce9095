"""Keys that were meant to be known ones: equal but for case, `_` or `-`. A mistyped `dryRun` must not mean live."""

from collections.abc import Mapping
from typing import Any

from shared.messaging.strict_json import Path

type Known = Mapping[str, Known]
"""The keys of an object, each with those of the object it holds (none for anything else)."""


def first(data: Any, known: Known) -> tuple[Path, str] | None:
    """The path of the first mistyped key and the key that was meant, or None."""
    if not isinstance(data, dict):
        return None
    meant = {_bare(key): key for key in known}
    for key, value in data.items():
        right = meant.get(_bare(key))
        if right is None:
            continue
        if right != key:
            return (key,), right
        below = first(value, known[right])
        if below is not None:
            path, expected = below
            return (key, *path), expected
    return None


def _bare(key: str) -> str:
    return key.replace("_", "").replace("-", "").casefold()
