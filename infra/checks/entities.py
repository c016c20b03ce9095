"""Queues and the topic: servicebus.json against what Bicep takes from it, and wherever else an entity is named."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from infra.checks import bicep, settings
from infra.checks.bicep import Expression

_SERVICE_BUS: Final = "modules/service-bus.bicep"
_QUEUES: Final = ("USER_OFFBOARDING_QUEUE", "DEVICE_RETIREMENT_QUEUE", "VERIFICATION_QUEUE")
_TOPIC: Final = "OUTCOMES_TOPIC"
_VARIABLES: Final = {"queues": "queue", "outcomes": "topic", "subscriptions": "subscription"}
"""The variable that each resource of service-bus.bicep takes its properties from."""


def check(root: Path) -> list[str]:
    """Every problem with entities in a folder."""
    namespaces = json.loads((root / "servicebus.json").read_text(encoding="utf-8"))["UserConfig"]["Namespaces"]
    if len(namespaces) != 1 or len(namespaces[0]["Topics"]) != 1:
        return ["servicebus.json: Bicep reads one namespace with one topic"]
    namespace = namespaces[0]
    return [*_names(root, namespace), *_properties(root, namespace)]


def _names(root: Path, namespace: Mapping[str, Any]) -> Iterator[str]:
    queues = {queue["Name"] for queue in namespace["Queues"]}
    given = settings.from_resources(root)
    yield from _unknown("modules/function-app.bicep", (str(given.get(name)) for name in _QUEUES), queues)
    yield from _unknown("modules/function-app.bicep", [str(given.get(_TOPIC))], {namespace["Topics"][0]["Name"]})
    for name, output in bicep.read(root / "main.bicep").outputs.items():
        if name in {*_QUEUES, _TOPIC} and output.value != given.get(name):
            yield f"main.bicep: {name} is put out as {output.value!r}, the app's is {given.get(name)!r}"
    inbound = bicep.read(root / _SERVICE_BUS).variables.get("inboundQueues")
    yield from _unknown(_SERVICE_BUS, inbound if isinstance(inbound, list) else ["none"], queues)
    alerts = json.loads((root / "alerts.json").read_text(encoding="utf-8"))
    for rule in alerts["metrics"]:
        yield from _unknown(f"alerts.json: {rule['name']}", rule["queues"], queues)


def _unknown(where: str, names: Iterable[str], known: set[str]) -> Iterator[str]:
    yield from (f"{where}: servicebus.json has no {name!r}" for name in names if name not in known)


def _properties(root: Path, namespace: Mapping[str, Any]) -> Iterator[str]:
    """Every property of an entity is taken over, under the same name, and no other is set."""
    resources = bicep.read(root / _SERVICE_BUS).resources
    [topic] = namespace["Topics"]
    for symbol, entities in (
        ("queues", namespace["Queues"]),
        ("outcomes", [topic]),
        ("subscriptions", topic["Subscriptions"]),
    ):
        variable, taken = _VARIABLES[symbol], resources[symbol].body.get("properties", {})
        there = {key for entity in entities for key, value in entity["Properties"].items() if value != ""}
        expected = {_camel(key): Expression(f"{variable}.Properties.{key}") for key in there}
        for name in sorted(expected.keys() | taken.keys()):
            if taken.get(name) != expected.get(name):
                yield f"{_SERVICE_BUS}: {symbol}.{name} is not what servicebus.json says"


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
