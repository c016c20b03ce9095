"""Names that people nearly got right: a column, a key of a JSON file. What is not read in silence might have been `effectiveAt`."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from shared.messaging import contract
from shared.settings import misspelling

_ASKED_FOR: Final = "user.id"
"""Meant by its whole name alone, as in cli.csv_file.columns."""


def field(column: str, event_types: Iterable[str]) -> str | None:
    """The field of an event that a column's name is a slip or two away from, or None."""
    whole = "." in column
    known = {
        (each if whole else each.split(".")[-1]): each
        for event_type in event_types
        for each in contract.fields(event_type)
        if whole or each != _ASKED_FOR
    }
    near = misspelling.near(column, list(known))
    return None if near is None else known[near]


def keys(data: Mapping[str, Any], event_type: str) -> Iterator[tuple[str, str]]:
    """Each key of an event object that is a slip or two away from one of the contract: its JSON path, and the right key."""
    fields = [each.split(".") for each in contract.fields(event_type)]
    for key, value in data.items():
        right = misspelling.near(key, list(dict.fromkeys(outer for outer, *_ in fields)))
        if right is not None:
            yield f"$.{key}", right
        if isinstance(value, Mapping):
            inner = [below[0] for outer, *below in fields if outer == key and below]
            for each in value:
                if (right := misspelling.near(each, inner)) is not None:
                    yield f"$.{key}.{each}", right
