"""Which setting a name means that is none: one slip of the hand away, or so like it that somebody should look. Pure."""

import difflib
from collections.abc import Sequence
from typing import Final

_ALIKE: Final = 0.8
"""How like two names must be, from 0 to 1, as difflib measures it."""

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
    return next((each for each in known if _one_slip(bare, _bare(each))), None)


def alike(name: str, known: Sequence[str]) -> str | None:
    """The known name that this one looks like, though it may be something else; None for a known name, and for the platform's."""
    if name in known or name.startswith(_REPEATED):
        return None
    by_bare = {_bare(each): each for each in known}
    close = difflib.get_close_matches(_bare(name), by_bare, n=1, cutoff=_ALIKE)
    return by_bare[close[0]] if close else None


def _bare(name: str) -> str:
    return name.replace("_", "").replace("-", "").casefold()


def _one_slip(left: str, right: str) -> bool:
    """Whether at most one letter was added, left out or changed, or two neighbours were swapped."""
    start = next((n for n, (a, b) in enumerate(zip(left, right, strict=False)) if a != b), min(len(left), len(right)))
    one, other = left[start:], right[start:]
    swapped = one[1::-1] == other[:2] and one[2:] == other[2:]
    return one[1:] == other[1:] or one[1:] == other or one == other[1:] or swapped
