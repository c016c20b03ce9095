"""What can be chosen, and what holds where nobody chose: the same with azd and without it, and safe.

azd puts `${NAME=default}` in place of Bicep's own default, so that the two must be equal.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.checks import bicep
from infra.checks.bicep_declarations import Document
from infra.checks.bicep_values import Call, Expression, Value, alternatives

_MAIN: Final = "main.bicep"
_PARAMETERS: Final = "main.parameters.json"
_BY_AZD: Final = {"environmentName": "${AZURE_ENV_NAME}", "location": "${AZURE_LOCATION}"}
"""What azd knows without being told."""
_SAFE: Final = {
    "settings": "{}",
    "pythonVersion": "'3.13'",
    "serviceBusSku": "'Standard'",
    "privateNetworking": "false",
    "producerIdentity": "false",
    "operatorPrincipalId": "''",
    "grantGraphPermission": "false",
}
"""Nobody is let in, nothing is granted and nothing dear is bought that nobody asked for; what runs is what was tested."""


def check(root: Path) -> list[str]:
    """Every problem with defaults and choices in a folder."""
    main = bicep.read(root / _MAIN)
    documents = {path.resolve(): bicep.read(path) for path in bicep.files(root)}
    return [
        *_azd(root, main),
        *_safe(main),
        *(problem for document in documents.values() for problem in _defaults(document)),
        *_given(main, documents),
    ]


def _azd(root: Path, main: Document) -> Iterator[str]:
    given = json.loads((root / _PARAMETERS).read_text(encoding="utf-8"))["parameters"]
    for name in sorted(given.keys() & main.parameters.keys() - {"settings"}):
        default = (main.parameters[name].default or "").strip("'")
        expected = _BY_AZD.get(name, f"${{{_environment(name)}{f'={default}' if default else ''}}}")
        if given[name]["value"] != expected:
            yield f"{_PARAMETERS}: {name} is {given[name]['value']!r}, must be {expected!r}"


def _environment(name: str) -> str:
    """`SERVICE_BUS_SKU` for `serviceBusSku`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()


def _safe(main: Document) -> Iterator[str]:
    for name, default in _SAFE.items():
        if name in main.parameters and main.parameters[name].default != default:
            yield f"{_MAIN}: {name} is {main.parameters[name].default} where nobody chose, must be {default}"


def _defaults(document: Document) -> Iterator[str]:
    for parameter in document.parameters.values():
        default = (parameter.default or "").strip("'")
        if parameter.allowed is not None and parameter.default is not None and default not in parameter.allowed:
            yield f"{document.path.name}:{parameter.line} {parameter.name}: the default {default!r} is not allowed"


def _given(main: Document, documents: dict[Path, Document]) -> Iterator[str]:
    """What main.bicep passes to a module, where it can be told, is among what the module allows."""
    for module in main.modules.values():
        target = documents.get((main.path.parent / module.type).resolve())
        for name, parameter in (target.parameters if target else {}).items():
            given = _resolved(module.body.get("params", {}).get(name), main)
            for value in alternatives(given) if parameter.allowed is not None else ():
                if not isinstance(value, Call | Expression | None) and value not in (parameter.allowed or ()):
                    yield f"{_MAIN}: {module.symbol}.{name}: {value!r} is not allowed"


def _resolved(value: Value, main: Document) -> Value:
    return main.variables.get(value.text, value) if isinstance(value, Expression) else value
