"""Which setting, or other known name, a name means that is none: a slip away from it, or so like it that one should look. Pure."""

import difflib
from collections.abc import Sequence
from typing import Final

_ALIKE: Final = 0.8
"""How like two names must be, from 0 to 1, as difflib measures it."""

_SHORTEST: Final = 4
"""Of fewer letters, one slip makes any name of another."""
_LONG: Final = 8
"""From so many letters on, two slips are still the same name."""

_REPEATED: Final = "APPSETTING_"
"""App Service gives each app setting a second time, with this before its name.

Source: learn.microsoft.com/azure/app-service/reference-app-settings, "Variable prefixes"
"""


def meant(name: str, known: Sequence[str]) -> str | None:
    """The known name that this one is but for case, `_`, `-`, and one letter too many, missing, wrong or out of order.

    None for a known name, for what resembles none so closely, and for one with a digit: a second one of its kind is no slip.
    """
    bare = _bare(name)
    if name in known or any(map(str.isdigit, bare)):
        return None
    return next((each for each in known if _slips(bare, _bare(each)) <= 1), None)


def near(name: str, known: Sequence[str]) -> str | None:
    """The known name that this one is but for case, spaces, `_`, `-`, and one slip as in `meant`, or two of a long one.

    None for a known name, however it is spelt, for one with a digit, and for a short one.
    """
    bare = _bare(name)
    by_bare = {_bare(each): each for each in known}
    if bare in by_bare or any(map(str.isdigit, bare)):
        return None
    likely = [(_slips(bare, each), each) for each in by_bare if min(len(bare), len(each)) >= _SHORTEST]
    slips, closest = min(likely, default=(_LONG, ""), key=lambda pair: pair[0])
    return by_bare[closest] if slips <= (2 if min(len(bare), len(closest)) >= _LONG else 1) else None


def alike(name: str, known: Sequence[str]) -> str | None:
    """The known name that this one looks like, though it may be something else; None for a known name, and for the platform's."""
    if name in known or name.startswith(_REPEATED):
        return None
    by_bare = {_bare(each): each for each in known}
    close = difflib.get_close_matches(_bare(name), by_bare, n=1, cutoff=_ALIKE)
    return by_bare[close[0]] if close else None


def _bare(name: str) -> str:
    return "".join(name.split()).replace("_", "").replace("-", "").casefold()


def _slips(left: str, right: str) -> int:
    """How many letters were added, left out or changed, or neighbours swapped, at least (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(right) + 1))
    for i, letter in enumerate(left, start=1):
        earlier, before, row = before, row, [i]
        for j, other in enumerate(right, start=1):
            fewest = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and left[i - 2] == other and right[j - 2] == letter:
                fewest = min(fewest, earlier[j - 2] + 1)
            row.append(fewest)
    return row[-1]
