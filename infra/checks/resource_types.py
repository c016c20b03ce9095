"""Resource bodies against Azure's types: unknown, read-only and missing properties, values that are not allowed, wrong literals.

An enumeration that Azure leaves open is closed here: what a newer version adds must be looked at, and what is misspelt is found.
Computed values are not judged, except for the branches of a condition.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from infra.checks import bicep, schemas
from infra.checks.bicep_declarations import Document, Resource
from infra.checks.bicep_values import Call, Choice, Expression, Value
from infra.checks.schemas import Property, Schema, Type

_BICEP_ONLY: Final = {"parent", "scope", "dependsOn"}
_PLAIN: Final = {"string", "int", "bool", "any", "object"}


def check(root: Path) -> list[str]:
    """Every problem with the resources in the Bicep files of a folder."""
    documents = [bicep.read(path) for path in bicep.files(root)]
    known = schemas.load(resource.type for document in documents for resource in document.resources.values())
    return [problem for document in documents for problem in _document(document, known)]


def _document(document: Document, known: Mapping[str, Schema]) -> Iterator[str]:
    for resource in document.resources.values():
        where = f"{document.path.name}:{resource.line} {resource.symbol}"
        schema = known.get(resource.type)
        if schema is None:
            yield f"{where}: nobody knows the type {resource.type}"
        elif schema.version != resource.version:
            yield f"{where}: is of version {resource.version}, but the type that is known is {schema.version}"
        elif not resource.existing:
            yield from judge(resource, schema, where)


def judge(resource: Resource, schema: Schema, where: str) -> Iterator[str]:
    """Every problem with the body of one resource; `where` begins each."""
    name = resource.body.get("name")
    fitting = [body for body in schema.bodies if body["name"].type == name] if len(schema.bodies) > 1 else schema.bodies
    if not fitting:
        yield f"{where}: {resource.type} has no kind that is named {name!r}"
        return
    body = {key: value for key, value in resource.body.items() if key not in _BICEP_ONLY}
    yield from _object(body, fitting[0], schema.types, where)


def _object(body: Mapping[str, Any], type_: Type, types: Mapping[str, Type], where: str) -> Iterator[str]:
    if not type_:  # a map
        return
    for key, value in body.items():
        if key not in type_:
            yield f"{where}.{key}: unknown property"
        elif type_[key].read_only:
            yield f"{where}.{key}: read-only property"
        else:
            yield from _value(value, type_[key], types, f"{where}.{key}")
    for key, property_ in type_.items():
        if property_.required and not property_.read_only and key not in body:
            yield f"{where}: {key} is missing"


def _value(value: Value, property_: Property, types: Mapping[str, Type], where: str) -> Iterator[str]:
    wanted = property_.type
    match value:
        case Choice(branches) | Call("union", branches):
            for each in branches:
                yield from _value(each, property_, types, where)
        case Expression() | Call() | None:
            return
        case list():
            yield from _list(value, wanted, types, where)
        case dict() if wanted in types:
            yield from _object(value, types[wanted], types, where)
        case dict():
            if wanted in _PLAIN - {"any", "object"} or "|" in wanted:
                yield f"{where}: an object, wanted {wanted}"
        case _:
            yield from _literal(value, wanted, types, where)


def _list(value: list[Any], wanted: str, types: Mapping[str, Type], where: str) -> Iterator[str]:
    if wanted.endswith("[]"):
        element = Property(wanted.removesuffix("[]"), required=False, read_only=False)
        for number, item in enumerate(value):
            yield from _value(item, element, types, f"{where}[{number}]")
    elif wanted in _PLAIN - {"any"} or wanted in types:
        yield f"{where}: a list, wanted {wanted}"


def _literal(value: str | int, wanted: str, types: Mapping[str, Type], where: str) -> Iterator[str]:
    kind = "bool" if isinstance(value, bool) else "int" if isinstance(value, int) else "string"
    allowed = [each.strip() for each in wanted.split("|")]
    if wanted in _PLAIN:
        if wanted not in {kind, "any"}:
            yield f"{where}: a literal {kind}, wanted {wanted}"
    elif wanted in types or wanted.endswith("[]") or wanted == "map":
        yield f"{where}: a literal {kind}, wanted {wanted}"
    elif value not in allowed:
        yield f"{where}: {value!r} is none of {', '.join(each for each in allowed if each != 'string')}"
