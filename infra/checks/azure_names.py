"""The names of what is deployed, as long and as odd as they can become: what Azure would refuse only when it deploys.

Source: learn.microsoft.com/azure/azure-resource-manager/management/resource-name-rules
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from infra.checks import bicep
from infra.checks.bicep_declarations import Document
from infra.checks.bicep_values import Expression

_MAIN: Final = "main.bicep"
_LONGEST: Final = {"token": "0" * 13, "environmentName": "x" * 40}
"""What stands for a part that is computed: uniqueString gives 13 letters and digits; the parameter is bounded."""
_PART: Final = re.compile(r"\$\{(\w+)\}")


@dataclass(frozen=True, slots=True)
class _Rule:
    """What a name of this kind may be."""

    kind: str
    pattern: str


_LETTERS: Final = "[a-zA-Z0-9-]"
_RULES: Final[Mapping[tuple[str, str], _Rule]] = {
    ("group", "name"): _Rule("a resource group", r"[\w().-]{0,89}[\w()-]"),
    ("identity", "name"): _Rule("an identity", r"[a-zA-Z0-9][\w-]{2,127}"),
    ("producer", "name"): _Rule("an identity", r"[a-zA-Z0-9][\w-]{2,127}"),
    ("monitoring", "workspaceName"): _Rule("a workspace", rf"[a-zA-Z0-9]{_LETTERS}{{2,61}}[a-zA-Z0-9]"),
    ("monitoring", "componentName"): _Rule("an Application Insights component", r"[^%&\\?/]{1,259}[^%&\\?/. ]"),
    ("serviceBus", "name"): _Rule(
        "a Service Bus namespace", rf"(?!.*(-sb|-mgmt)$)[a-zA-Z]{_LETTERS}{{4,48}}[a-zA-Z0-9]"
    ),
    ("storage", "name"): _Rule("a storage account", r"[a-z0-9]{3,24}"),
    ("network", "name"): _Rule(
        "a virtual network, with what its endpoints put before it", r"[a-zA-Z0-9][\w.-]{0,48}\w"
    ),
    # Two apps on one storage account whose names begin with the same 32 characters would take each other's locks.
    ("functionApp", "name"): _Rule(
        "a function app of at most 32 characters", rf"[a-zA-Z0-9]{_LETTERS}{{0,30}}[a-zA-Z0-9]"
    ),
    ("functionApp", "planName"): _Rule("a plan", rf"{_LETTERS}{{1,60}}"),
}


def check(root: Path) -> list[str]:
    """Every name in a folder that Azure would not take, and every one that no rule here is about."""
    main = bicep.read(root / _MAIN)
    names = dict(_names(main))
    problems = [
        f"{_MAIN}: {module}.{key}: no rule is known for this name"
        for module, key in sorted(names.keys() - _RULES.keys())
    ]
    for where, rule in _RULES.items():
        longest = _written_out(names.get(where))
        if longest is None or not re.fullmatch(rule.pattern, longest):
            problems.append(f"{_MAIN}: {'.'.join(where)}: {longest!r} is no name for {rule.kind}")
    return problems


def _names(main: Document) -> Iterator[tuple[tuple[str, str], Any]]:
    for symbol, resource in main.resources.items():
        yield (symbol, "name"), resource.body.get("name")
    for symbol, module in main.modules.items():
        for key, value in module.body.get("params", {}).items():
            if key == "name" or (key.endswith("Name") and _is_text(value)):
                yield (symbol, key), value


def _is_text(value: object) -> bool:
    return isinstance(value, str) or (isinstance(value, Expression) and value.text.startswith("'"))


def _written_out(value: object) -> str | None:
    """The longest that a name can become; None if it is made of what nobody knows."""
    text = value.text.strip("'") if isinstance(value, Expression) else value
    if not isinstance(text, str) or not set(_PART.findall(text)) <= _LONGEST.keys():
        return None
    return _PART.sub(lambda part: _LONGEST[part[1]], text)
