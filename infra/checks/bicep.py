"""Bicep files as data: what a file declares. Parses with tree-sitter; knows nothing of Azure.

The grammar does not know `extension`, so such a line is left out; what else it does not take (spread, unions with members of
several lines) is reported as a syntax error, and not used here.
"""

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import tree_sitter
import tree_sitter_bicep

from infra.checks.bicep_declarations import Document, Output, Parameter, Resource
from infra.checks.bicep_values import Node, Value, descend, line, text, value

_PARSER: Final = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
_EXTENSION: Final = re.compile(rb"^extension .*$", re.MULTILINE)
_BODIES: Final = ("object", "for_statement", "if_statement")


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
        _declare(document, node, dict(_decorations(decorators)))
        decorators = [] if node.type != "comment" else decorators
    return document


def _declare(document: Document, node: Node, decorations: Mapping[str, Value]) -> None:
    description = str(decorations.get("description", ""))
    allowed = decorations.get("allowed")
    parts = [child for child in node.named_children if child.type != "comment"]
    match node.type:
        case "parameter_declaration":
            name, type_, *default = parts
            document.parameters[text(name)] = Parameter(
                name=text(name),
                type=text(type_),
                default=text(default[0]) if default else None,
                description=description,
                allowed=allowed if isinstance(allowed, list) else None,
                secure="secure" in decorations,
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
    loop = next((body for body in bodies if body.type == "for_statement"), None)
    choice = next((body for body in bodies if body.type == "if_statement"), None)
    return Resource(
        symbol=text(symbol),
        type=kind,
        version=version,
        existing=any(child.type == "existing" or text(child) == "existing" for child in node.children),
        body=body if isinstance(body, dict) else {},
        over=text(loop.named_children[1]) if loop else "",
        condition=text(choice.named_children[0]) if choice else "",
        line=line(node),
    )


def _inner(node: Node) -> Node:
    """The object inside `[for x in xs: {..}]` and `if (..) {..}`."""
    while node.type in {"for_statement", "if_statement"}:
        node = next(child for child in reversed(node.named_children) if child.type in _BODIES)
    return node


def _decorations(decorators: Sequence[Node]) -> Iterator[tuple[str, Value]]:
    """Each decorator by its name, with what it is given."""
    for decorator in decorators:
        call = next((node for node in descend(decorator) if node.type == "call_expression"), None)
        if call is not None:
            name, arguments = call.named_children[0], call.named_children[1].named_children
            yield text(name), value(arguments[0]) if arguments else None


def _errors(root: Node) -> Iterator[Node]:
    if root.has_error:
        yield from (node for node in descend(root) if node.type == "ERROR" or node.is_missing)
