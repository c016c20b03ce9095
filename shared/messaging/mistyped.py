"""Keys that were meant to be known ones: equal but for case, spaces, `_` or `-`. A mistyped `dryRun` must not mean live.

Nor must one in the wrong place, such as inside `user`, or beside `data` in an envelope.
"""

from collections.abc import Mapping
from typing import Any, Final

from shared.messaging.strict_json import Path, bare

type Known = Mapping[str, Known]
"""The keys of an object, each with those of the object it holds (none for anything else)."""


_NEVER_ELSEWHERE: Final = {"dryrun": "dryRun beside user or device"}


def first(data: Any, known: Known) -> tuple[Path, str] | None:
    """The path of the first mistyped or misplaced key and what was meant, or None."""
    if not isinstance(data, dict):
        return None
    meant = {bare(key): key for key in known}
    for key, value in data.items():
        right = meant.get(bare(key), _NEVER_ELSEWHERE.get(bare(key)))
        if right is None:
            continue
        if right != key:
            return (key,), right
        below = first(value, known[right])
        if below is not None:
            path, expected = below
            return (key, *path), expected
    return None
