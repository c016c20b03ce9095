"""The changes that no test notices, and why that is right: `survivors.txt`, read.

A line that begins with `=` gives a reason for all that follows up to the next one: the function, what was there, what was
put in its place.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.mutation.found import Change

LIST: Final = Path(__file__).parent / "survivors.txt"
AT_LOAD: Final = "It runs while the module is loaded"
"""How the reason begins for what is over before a change can be put in its place."""


def changes(text: str) -> Iterator[tuple[str, Change]]:
    """Each explained change, with its reason. Raises ValueError for a list that is damaged."""
    reason = ""
    for block in text.split("\n\n"):
        lines = [line.strip() for line in block.splitlines() if line.strip() and not line.startswith("#")]
        if lines and lines[0].startswith("="):
            reason = lines.pop(0).removeprefix("=").strip()
        if not lines:
            continue
        function, *differ = lines
        if not reason or not differ or any(line[:1] not in "-+" for line in differ) or function[:1] in "-+":
            raise ValueError(f"{LIST.name} can't be read at: {lines[0]}")
        before, after = (" ".join(line[1:].strip() for line in differ if line[0] == sign) for sign in "-+")
        yield reason, Change(function, before, after)


def written(change: Change) -> str:
    """A change as the list has it."""
    return f"{change.function}\n- {change.before}\n+ {change.after}"
