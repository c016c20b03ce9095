"""The kept corpus: good and hostile inputs, one a file, in parts that lie between lines of two hyphens. Every input has parts.

A message is its queue's event and the name of a mapping file, if any; its body; and its application properties, one a line,
`name=kindvalue`, where the kind is t (text), i (integer), b (true if not empty). An answer of Graph's is what it answers and its
status; its headers, one a line; and its body.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parent / "corpus"
SECRET: Final = "geheim"
"""Stands in the corpus wherever somebody's name could: no text made of an input may hold it."""
_BETWEEN: Final = b"\n--\n"


def corpus(name: str) -> Sequence[bytes]:
    """All inputs of one kind (`messages`, `answers`), always in the same order."""
    return [path.read_bytes() for path in sorted((FOLDER / name).iterdir())]


def parts(data: bytes) -> tuple[list[str], bytes, list[str]]:
    """The words of the first part; then for a message its body and the lines of its properties.

    An answer has headers and body in the opposite places: see `answer_parts`.
    """
    first, _, rest = data.partition(_BETWEEN)
    body, _, lines = rest.rpartition(_BETWEEN) if _BETWEEN in rest else (rest, b"", b"")
    return _text(first).split(), body, _text(lines).splitlines()


def answer_parts(data: bytes) -> tuple[list[str], list[str], bytes]:
    """The words of the first part, the lines of the headers, and the body."""
    first, _, rest = data.partition(_BETWEEN)
    lines, _, body = rest.partition(_BETWEEN)
    return _text(first).split(), _text(lines).splitlines(), body


def properties(lines: Sequence[str]) -> dict[str, Any]:
    """Application properties, as the trigger hands them over."""
    return {name: _value(text) for name, _, text in (line.partition("=") for line in lines)}


def _value(text: str) -> Any:
    kind, value = text[:1], text[1:]
    if kind == "i":
        return len(value) if not value.lstrip("-").isdecimal() else int(value[:30])
    return bool(value) if kind == "b" else value


def _text(data: bytes) -> str:
    return data.decode("utf-8", "replace")
