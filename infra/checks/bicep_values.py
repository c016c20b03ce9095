"""Values in a Bicep file: what a piece of its syntax tree stands for, as far as it can be told without computing."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import tree_sitter

type Node = tree_sitter.Node
type Value = str | int | bool | list[Any] | dict[str, Any] | Choice | Call | Expression | None
"""A literal as itself; an object as a dict, with the keys that are no literals under their text."""


@dataclass(frozen=True, slots=True)
class Expression:
    """Something that is computed; its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that is one of several: the branches of a condition, whose text comes with them."""

    values: Sequence[Value]
    condition: str


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with values."""

    name: str
    arguments: Sequence[Value]


def value(node: Node) -> Value:
    """What a piece of the tree stands for."""
    children = [child for child in node.named_children if child.type != "comment"]
    plain = not any(child.type == "interpolation" for child in children)
    readers: dict[str, Callable[[], Value]] = {
        "number": lambda: int(text(node)),
        "boolean": lambda: text(node) == "true",
        "null": lambda: None,
        "array": lambda: [value(child) for child in children],
        "object": lambda: {_key(pair.named_children[0]): value(pair.named_children[-1]) for pair in children},
        "ternary_expression": lambda: Choice([value(child) for child in children[1:]], text(children[0])),
        "call_expression": lambda: Call(text(children[0]), [value(child) for child in children[1].named_children]),
        "parenthesized_expression": lambda: value(children[0]),
        **({"string": lambda: text(node)[1:-1].replace("\\'", "'")} if plain else {}),
    }
    return readers.get(node.type, lambda: Expression(text(node)))()


def _key(node: Node) -> str:
    whole = text(node)
    return whole[1:-1] if node.type == "string" else whole


def alternatives(value_: Value) -> Iterator[Value]:
    """What a value can be: itself, or the branches of a condition."""
    if isinstance(value_, Choice):
        for each in value_.values:
            yield from alternatives(each)
    else:
        yield value_


def descend(node: Node) -> Iterator[Node]:
    """A node and all beneath it."""
    yield node
    for child in node.children:
        yield from descend(child)


def text(node: Node) -> str:
    """The source of a node."""
    return (node.text or b"").decode()


def line(node: Node) -> int:
    """Where a node begins, counted from 1."""
    return node.start_point.row + 1
