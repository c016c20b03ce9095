"""Names: that everything a Bicep file refers to is declared, that nothing is declared in vain, that modules get what they take.

Stands in for what the compiler would say first; knows no types.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.checks import bicep, bicep_values
from infra.checks.bicep_declarations import Document
from infra.checks.bicep_values import Node

_FUNCTIONS: Final = frozenset(
    {
        "cidrSubnet",
        "concat",
        "deployment",
        "empty",
        "environment",
        "guid",
        "loadJsonContent",
        "loadTextContent",
        "replace",
        "resourceGroup",
        "string",
        "subscription",
        "subscriptionResourceId",
        "toLower",
        "union",
        "uniqueString",
    }
)
"""Bicep's own functions that are used here; a new one is added when it is."""
_DECLARATIONS: Final = {
    "parameter_declaration",
    "variable_declaration",
    "output_declaration",
    "resource_declaration",
    "module_declaration",
}


def check(root: Path) -> list[str]:
    """Every problem with names in the Bicep files of a folder."""
    documents = {path.resolve(): bicep.read(path) for path in bicep.files(root)}
    problems = []
    for document in documents.values():
        used = set(_used(document))
        known = document.names | set(_local(document)) | _FUNCTIONS
        file = document.path.name
        problems += [f"{file}: {name} is not declared" for name in sorted(used - known)]
        unused = {*document.parameters, *document.imported} | (document.variables.keys() - _exported(document))
        problems += [f"{file}: {name} is never used" for name in sorted(unused - used)]
        problems += _modules(document, documents)
    return problems


def _used(document: Document) -> Iterator[str]:
    for node in bicep_values.descend(document.root):
        if node.type in {"identifier", "variable_access"} and not _declares(node) and not _is_a_name(node):
            yield bicep_values.text(node)


def _declares(node: Node) -> bool:
    parent = node.parent
    return parent is not None and parent.type in _DECLARATIONS and parent.named_children[0] == node


def _is_a_name(node: Node) -> bool:
    """A key, a decorator, a type, something imported: a name that refers to no declaration."""
    parent = node.parent
    if parent is None:
        return True
    key = parent.type == "object_property" and parent.named_children[0] == node
    return key or any(
        each.type in {"decorators", "import_functionality", "type", "for_loop_parameters"} for each in _above(node)
    )


def _above(node: Node) -> Iterator[Node]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _local(document: Document) -> Iterator[str]:
    """Loop variables and the parameters of lambdas."""
    for node in bicep_values.descend(document.root):
        match node.type:
            case "for_statement":
                first = node.named_children[0]
                yield from (
                    bicep_values.text(each)
                    for each in bicep_values.descend(first)
                    if each.type.startswith(("loop", "ident"))
                )
            case "lambda_expression":
                yield bicep_values.text(node.named_children[0])
            case _:
                pass


def _exported(document: Document) -> set[str]:
    return set(document.variables) if "@export()" in bicep_values.text(document.root) else set()


def _modules(document: Document, documents: dict[Path, Document]) -> Iterator[str]:
    for module in document.modules.values():
        where = f"{document.path.name}:{module.line} {module.symbol}"
        target = documents.get((document.path.parent / module.type).resolve())
        if target is None:
            yield f"{where}: there is no file {module.type}"
            continue
        given = set(module.body.get("params", {}))
        required = {name for name, each in target.parameters.items() if each.default is None}
        yield from (
            f"{where}: {name} is no parameter of {module.type}" for name in sorted(given - set(target.parameters))
        )
        yield from (f"{where}: {name} is missing" for name in sorted(required - given))
        for name in sorted(_outputs_asked(document, module.symbol) - set(target.outputs)):
            yield f"{where}: {name} is no output of {module.type}"


def _outputs_asked(document: Document, symbol: str) -> set[str]:
    """What is asked of a module's outputs: `symbol.outputs.NAME`, also with `!`."""
    found = set()
    for node in bicep_values.descend(document.root):
        if node.type == "member_expression":
            parts = bicep_values.text(node).replace("!", "").replace("?", "").split(".")
            if len(parts) == 3 and parts[:2] == [symbol, "outputs"]:
                found.add(parts[2])
    return found
