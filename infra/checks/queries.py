"""The queries of alerts and workbook: well-formed KQL over the tables' columns, asking only for what telemetry emits.

Kusto's own parser, Microsoft's npm package, reads them; `kql.mjs` runs it.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from shared import telemetry
from shared.domain import errors
from shared.domain.report import Outcome
from shared.messaging import settlement
from shared.messaging.dead_letters import Reason

_SCRIPT: Final = Path(__file__).with_name("kql.mjs")
_NAMES: Final = re.compile(r"\bName\s*(?:==|=~|in)\s*(\([^)]*\)|'[^']*')")
_LITERAL: Final = re.compile(r"'([^']*)'")
_PROPERTY: Final = re.compile(r"\bProperties(?:\.(\w+)|\['([^']*)'\])")
_SETTLEMENTS: Final = (
    settlement.Complete,
    settlement.Abandon,
    settlement.DeadLetter,
    settlement.DelayedRetry,
    settlement.PutOff,
)


class Unavailable(Exception):
    """The parser is not installed; the text says what installs it."""


def check_names(root: Path) -> list[str]:
    """Every metric, span, attribute or value that a query in a folder asks for, and that telemetry does not emit."""
    return [f"{name}: {problem}" for name, query in queries(root).items() for problem in _names(query)]


def check_language(root: Path) -> list[str]:
    """What Kusto's parser says of the queries in a folder. Raises Unavailable."""
    return [f"{name}: {problem}" for name, said in _parsed(queries(root)).items() for problem in said["problems"]]


def columns(root: Path) -> dict[str, dict[str, str]]:
    """What a row of each query's answer has, by where the query stands: columns with their types. Raises Unavailable."""
    return {name: said["columns"] for name, said in _parsed(queries(root)).items()}


def queries(root: Path) -> dict[str, str]:
    """Every query, by where it stands."""
    alerts = json.loads((root / "alerts.json").read_text(encoding="utf-8"))
    workbook = json.loads((root / "workbook.json").read_text(encoding="utf-8"))
    return {
        **{f"alerts.json {rule['name']}": rule["query"] for rule in alerts["queries"]},
        **{f"workbook.json {item['name']}": item["content"]["query"] for item in _items(workbook) if item["type"] == 3},
    }


def _items(part: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The items of a workbook, those in groups too."""
    for item in part.get("items", []):
        yield item
        yield from _items(item.get("content", {}))


def metrics_asked(query: str) -> set[str]:
    """The names of metrics and spans that a query asks for."""
    return {name for part in _NAMES.findall(query) for name in _LITERAL.findall(part)}


def _names(query: str) -> Iterator[str]:
    asked = metrics_asked(query)
    attributes = {name: set(metric.attributes) for name, metric in telemetry.METRICS.items()}
    attributes |= {name: set(names) for name, names in telemetry.SPANS.items()}
    if not asked:
        yield "asks for no metric or span by name"
    yield from (f"telemetry emits no {name!r}" for name in sorted(asked - attributes.keys()))
    has = set().union(*(attributes.get(name, set()) for name in asked))
    for plain, quoted in _PROPERTY.findall(query):
        if (plain or quoted) not in has:
            yield f"{' and '.join(sorted(asked))} has no attribute {plain or quoted!r}"
    for attribute, values in _values().items():
        comparisons = re.findall(rf"\b{attribute}\)?\s*(?:==|in)\s*(\([^)]*\)|'[^']*')", query)
        said = {value for part in comparisons for value in _LITERAL.findall(part)}
        yield from (f"{attribute} is never {value!r}" for value in sorted(said - values))


def _values() -> Mapping[str, set[str]]:
    """The attributes that have a closed set of values."""
    return {
        "settlement": {each.__name__ for each in _SETTLEMENTS},
        "reason": {each.value for each in (*Reason, *settlement.PutOffReason)},
        "outcome": {each.value for each in Outcome},
        "stage": {each.value for each in telemetry.Stage},
        "error": {name for name, each in vars(errors).items() if isinstance(each, type)} | {telemetry.UNEXPECTED},
        "operation": {"read", "write"},
        "dry_run": {"true", "false"},
    }


def _parsed(found: Mapping[str, str]) -> dict[str, Any]:
    modules = Path.cwd() / "node_modules" / "@kusto" / "language-service-next"
    node = shutil.which("node")
    if node is None or not modules.is_dir():
        raise Unavailable("Node.js and the npm packages are missing: install Node.js, then `npm ci`")
    done = subprocess.run(  # noqa: S603 - our own script
        [node, str(_SCRIPT), str(modules)], input=json.dumps(found), capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer
