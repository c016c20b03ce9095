"""Parameters and outputs: each is described, says whether it must be given, and the whole deployment needs none to be."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from infra.checks import bicep
from infra.checks.bicep_declarations import Document

MAIN: Final = "main.bicep"


def check(root: Path) -> list[str]:
    """Every problem with the parameters and outputs in the Bicep files of a folder."""
    problems = [problem for path in bicep.files(root) for problem in _document(bicep.read(path))]
    main = bicep.read(root / MAIN)
    problems += [f"{MAIN}: {name} has no default" for name, each in main.parameters.items() if each.default is None]
    given = json.loads((root / "main.parameters.json").read_text(encoding="utf-8"))["parameters"]
    problems += [
        f"main.parameters.json: {name} is no parameter of {MAIN}" for name in sorted(set(given) - set(main.parameters))
    ]
    problems += [
        f"main.parameters.json: {name} of {MAIN} is missing: azd could not choose it"
        for name in sorted(set(main.parameters) - set(given))
    ]
    return problems


def _document(document: Document) -> Iterator[str]:
    file = document.path.name
    yield from document.problems
    for parameter in document.parameters.values():
        expected = "Required. " if parameter.default is None else "Optional. "
        if not parameter.description.startswith(expected):
            yield f"{file}:{parameter.line} {parameter.name}: its description must begin with {expected.strip()!r}"
    undescribed = [each.name for each in document.outputs.values() if not each.description]
    yield from (f"{file}: output {name} has no description" for name in undescribed)
