"""Bicep's linter rule `use-resource-id-functions`, which infra/bicepconfig.json makes an error: where an id may come from.

Source: github.com/Azure/bicep, src/Bicep.Core/Analyzers/Linter/Rules/UseResourceIdFunctionsRule.cs
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.checks import bicep
from infra.checks.bicep_declarations import Document
from infra.checks.bicep_values import Call, Choice, Expression, Value

_FUNCTIONS: Final = {"extensionResourceId", "guid", "reference", "resourceId", "subscription", "subscriptionResourceId"}
_NO_IDS: Final = {
    "appid",
    "clientid",
    "groupid",
    "keyid",
    "objectid",
    "principalid",
    "subscriptionid",
    "tags",
    "tenantid",
}
"""Of the keys that the rule leaves out, those that may occur here."""
_FREE: Final = "Microsoft.Web/sites/config"
_NAME: Final = re.compile(r"\w+")


def check(root: Path) -> list[str]:
    """Every id in a resource's properties that is no symbol's, no parameter's and no condition's."""
    return [problem for path in bicep.files(root) for problem in _document(bicep.read(path))]


def _document(document: Document) -> Iterator[str]:
    for resource in document.resources.values():
        if resource.type.startswith("Microsoft.Graph/") or resource.type == _FREE:
            continue
        for key, value in _ids(resource.body.get("properties")):
            if not _comes_from_somewhere(value, document):
                yield f"{document.path.name}:{resource.line} {resource.symbol}: the linter does not see where {key} comes from"


def _ids(value: Value) -> Iterator[tuple[str, Value]]:
    match value:
        case dict():
            for key, each in value.items():
                name = key.lower()
                if name.endswith("id") and not name.endswith("uid") and name not in _NO_IDS:
                    yield key, each
                elif name not in _NO_IDS:
                    yield from _ids(each)
        case list():
            for each in value:
                yield from _ids(each)
        case _:
            return


def _comes_from_somewhere(value: Value, document: Document) -> bool:
    match value:
        case Choice():
            return True
        case Call(name):
            return name in _FUNCTIONS
        case Expression(text):
            if text in document.variables:
                return _comes_from_somewhere(document.variables[text], document)
            names = _NAME.findall(text)
            symbols = {*document.resources, *document.modules}
            return not symbols.isdisjoint(names) or (text[0] != "'" and names[0] in document.parameters)
        case str():
            return "/" not in value
        case _:
            return True
