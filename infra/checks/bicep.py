"""Bicep files as data: what a file declares, and the values in it. Parses with tree-sitter; knows nothing of Azure.

The grammar does not know `extension`, so such a line is left out; what else it does not take (spread, unions with members of
several lines) is reported as a syntax error, and not used here.
"""

import functools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import tree_sitter
import tree_sitter_bicep

type Node = tree_sitter.Node
type Value = str | int | bool | list[Any] | dict[str, Any] | Choice | Call | Expression | None
"""A literal as itself; an object as a dict, with the keys that are no literals under their text."""

_PARSER: Final = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_EXTENSION: Final = re.compile(rb"^extension .*$", re.MULTILINE)
_BODIES: Final = ("object", "for_statement", "if_statement")


@dataclass(frozen=True, slots=True)
class Expression:
    """Something that is computed; its text."""

    text: str


@dataclass(frozen=True, slots=True)
class Choice:
    """A value that is one of several: the branches of a condition."""

    values: Sequence[Value]


@dataclass(frozen=True, slots=True)
class Call:
    """A function called with values."""

    name: str
    arguments: Sequence[Value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `default` is None where it must be given."""

    name: str
    type: str
    default: str | None
    description: str
    line: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Output:
    """What a file puts out."""

    name: str
    value: Value
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """One resource, or a module, whose type is its path. `body` is without its `for` and `if`."""

    symbol: str
    type: str
    version: str
    existing: bool
    body: dict[str, Any]
    line: int


@dataclass(slots=True)
class Document:
    """All that a file declares, by name."""

    path: Path
    root: Node
    parameters: dict[str, Parameter] = field(default_factory=dict)
    variables: dict[str, Value] = field(default_factory=dict)
    resources: dict[str, Resource] = field(default_factory=dict)
    modules: dict[str, Resource] = field(default_factory=dict)
    outputs: dict[str, Output] = field(default_factory=dict)
    imported: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)

    @property
    def names(self) -> set[str]:
        """What expressions may refer to."""
        return {*self.parameters, *self.variables, *self.resources, *self.modules, *self.imported}


def files(root: Path) -> list[Path]:
    """The Bicep files of a folder, in order."""
    return sorted(root.rglob("*.bicep"))


def read(path: Path) -> Document:
    """A file as data; what can't be parsed is among its problems."""
    return _read(path, path.read_bytes())


@functools.cache
def _read(path: Path, source: bytes) -> Document:
    root = _PARSER.parse(_EXTENSION.sub(lambda match: b"//" + match[0][2:], source)).root_node
    document = Document(path, root)
    document.problems += [f"{path.name}:{node.start_point.row + 1}: syntax error" for node in _errors(root)]
    decorators: list[Node] = []
    for node in root.named_children:
        if node.type == "decorators":
            decorators = list(node.named_children)
            continue
        _declare(document, node, _description(decorators))
        decorators = [] if node.type != "comment" else decorators
    return document


def _declare(document: Document, node: Node, description: str) -> None:
    parts = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "parameter_declaration":
            name, type_, *default = parts
            document.parameters[text(name)] = Parameter(
                name=text(name),
                type=text(type_),
                default=text(default[0]) if default else None,
                description=description,
                line=line(node),
            )
        case "variable_declaration":
            document.variables[text(parts[0])] = value(parts[-1])
        case "output_declaration":
            output = Output(name=text(parts[0]), value=value(parts[-1]), description=description)
            document.outputs[output.name] = output
        case "resource_declaration" | "module_declaration":
            resource = _resource(node, parts)
            (document.resources if node.type.startswith("resource") else document.modules)[resource.symbol] = resource
        case "import_functionality":
            document.imported |= {text(each) for each in descend(node) if each.type == "identifier"}
        case _:
            pass


def _resource(node: Node, parts: Sequence[Node]) -> Resource:
    symbol, type_ = parts[0], parts[1]
    kind, _, version = text(type_).strip("'").partition("@")
    bodies = [part for part in parts if part.type in _BODIES]
    body = value(_inner(bodies[-1])) if bodies else {}
    return Resource(
        symbol=text(symbol),
        type=kind,
        version=version,
        existing=any(child.type == "existing" or text(child) == "existing" for child in node.children),
        body=body if isinstance(body, dict) else {},
        line=line(node),
    )


def _inner(node: Node) -> Node:
    """The object inside `[for x in xs: {..}]` and `if (..) {..}`."""
    while node.type in {"for_statement", "if_statement"}:
        node = next(child for child in reversed(node.named_children) if child.type in _BODIES)
    return node


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
        "ternary_expression": lambda: Choice([value(child) for child in children[1:]]),
        "call_expression": lambda: Call(text(children[0]), [value(child) for child in children[1].named_children]),
        "parenthesized_expression": lambda: value(children[0]),
        **({"string": lambda: text(node)[1:-1].replace("\\'", "'")} if plain else {}),
    }
    return readers.get(node.type, lambda: Expression(text(node)))()


def _key(node: Node) -> str:
    whole = text(node)
    return whole[1:-1] if node.type == "string" else whole


def _description(decorators: Sequence[Node]) -> str:
    for decorator in decorators:
        for node in descend(decorator):
            if node.type == "call_expression" and text(node.named_children[0]) == "description":
                return text(node.named_children[1].named_children[0])[1:-1]
    return ""


def _errors(root: Node) -> Iterator[Node]:
    if root.has_error:
        yield from (node for node in descend(root) if node.type == "ERROR" or node.is_missing)


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
