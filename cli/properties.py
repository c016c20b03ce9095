"""Application properties as NAME=VALUE, as an operator gives them."""

from collections.abc import Sequence

from cli import exits


def parsed(given: Sequence[str]) -> dict[str, str | int | bool]:
    """The properties by name; ends the command with 2 where one is no NAME=VALUE."""
    parts = [each.partition("=") for each in given]
    if not all(name and equals for name, equals, _ in parts):
        exits.refuse("--property takes NAME=VALUE, such as --property origin=hr")
    return {name: _typed(value) for name, _, value in parts}


def _typed(value: str) -> str | int | bool:
    """A property's value: true, false and whole numbers are what they look like, as in the mapping file."""
    if value in {"true", "false"}:
        return value == "true"
    return int(value) if value.isascii() and value.isdigit() and len(value) < 16 else value
