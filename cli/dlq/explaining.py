"""What each dead-letter reason means and what to do about it: the rows of `docs/dead-letters.md`, their one source."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

PAGE: Final = Path(__file__).parents[2] / "docs" / "dead-letters.md"
_ROW: Final = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Row:
    """A reason's row; empty texts for a reason that the page does not know."""

    meaning: str = ""
    what_to_do: str = ""
    safe_to_replay: str = ""


def row(reason: str) -> Row:
    """The row of a reason."""
    return _rows().get(reason, Row())


def reasons() -> Sequence[str]:
    """Every reason that the page knows: ours, and the broker's."""
    return tuple(_rows())


@cache
def _rows() -> Mapping[str, Row]:
    rows: dict[str, Row] = {}
    before: Row = Row()
    for reason, *cells in _ROW.findall(PAGE.read_text(encoding="utf-8")):
        meaning, what_to_do, safe_to_replay = (cell.replace("`", "") for cell in cells)
        if what_to_do == "The same.":  # as in the row above
            what_to_do = before.what_to_do
        before = rows[reason] = Row(meaning, what_to_do, safe_to_replay)
    return rows
