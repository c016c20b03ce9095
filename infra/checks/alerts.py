"""The rules of alerts.json, each put into its resource of alerts.bicep: what can be told of them only there.

Types and values, the metrics that Service Bus has, and the columns that a rule's query produces.
"""

import dataclasses
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from infra.checks import bicep, queries, resource_types, schemas
from infra.checks.bicep_values import Expression, Value

_FILE: Final = "modules/alerts.bicep"
_RULES: Final = {"metricAlerts": "metrics", "queryAlerts": "queries"}
"""The list of alerts.json that each resource is made from."""
_LEVEL: Final = frozenset({"Average", "Maximum", "Minimum"})
_METRICS: Final = {
    "ActiveMessages": _LEVEL,
    "DeadletteredMessages": _LEVEL,
    "Messages": _LEVEL,
    "ScheduledMessages": _LEVEL,
    "Size": _LEVEL,
}
"""Metrics of a namespace that know their queue, and how they may be put together.

Source: learn.microsoft.com/azure/service-bus-messaging/monitor-service-bus-reference
"""
_NUMBERS: Final = frozenset({"real", "long", "int", "decimal"})
_SEVEREST, _MILDEST = 0, 4


def check(root: Path) -> list[str]:
    """Every problem with the rules in a folder. Raises queries.Unavailable."""
    rules = json.loads((root / "alerts.json").read_text(encoding="utf-8"))
    return [*_resources(root, rules), *_metrics(rules), *_columns(root, rules)]


def _resources(root: Path, rules: Mapping[str, Any]) -> Iterator[str]:
    resources = bicep.read(root / _FILE).resources
    known = schemas.load(resources[symbol].type for symbol in _RULES)
    for symbol, list_ in _RULES.items():
        resource = resources[symbol]
        for rule in rules[list_]:
            where = _where(rule)
            taken = set(_taken(resource.body))
            yield from (f"{where}: {key} is missing" for key in sorted(taken - rule.keys()))
            yield from (f"{where}: {key}: nothing takes it" for key in sorted(rule.keys() - taken))
            filled = dataclasses.replace(resource, body=_filled(resource.body, rule))
            yield from resource_types.judge(filled, known[resource.type], where)
            if rule.get("severity") not in range(_SEVEREST, _MILDEST + 1):
                yield f"{where}: its severity is none of {_SEVEREST} to {_MILDEST}"


def _where(rule: Mapping[str, Any]) -> str:
    return f"alerts.json {rule.get('name')}"


def _taken(value: Value) -> Iterator[str]:
    """The keys of a rule that a body takes."""
    match value:
        case dict():
            for each in value.values():
                yield from _taken(each)
        case list():
            for each in value:
                yield from _taken(each)
        case Expression(text):
            yield from re.findall(r"\brule\.(\w+)", text)
        case _:
            return


def _filled(value: Any, rule: Mapping[str, Any]) -> Any:
    match value:
        case dict():
            return {key: _filled(each, rule) for key, each in value.items()}
        case list():
            return [_filled(each, rule) for each in value]
        case Expression(text) if (key := text.removeprefix("rule.")) in rule and text != key:
            return rule[key]
        case _:
            return value


def _metrics(rules: Mapping[str, Any]) -> Iterator[str]:
    for rule in rules["metrics"]:
        metric, aggregation = rule.get("metric"), rule.get("aggregation")
        if metric not in _METRICS:
            yield f"{_where(rule)}: Service Bus has no metric {metric!r} of a queue"
        elif aggregation not in _METRICS[metric]:
            yield f"{_where(rule)}: {metric} has no {aggregation!r}"


def _columns(root: Path, rules: Mapping[str, Any]) -> Iterator[str]:
    produced = queries.columns(root)
    for rule in rules["queries"]:
        columns = produced[_where(rule)]
        measure = rule.get("measure")
        if columns.get(measure) not in _NUMBERS:
            yield f"{_where(rule)}: its query produces no number {measure!r}"
        for dimension in rule.get("dimensions", []):
            if columns.get(dimension["name"]) != "string":
                yield f"{_where(rule)}: its query produces no text {dimension['name']!r}"
