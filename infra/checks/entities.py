"""Queues and the topic: servicebus.json against what Bicep takes from it, and wherever else an entity is named."""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from cli import parts
from emulators.servicebus import config
from infra.checks import bicep, settings
from infra.checks.bicep_values import Expression

_SERVICE_BUS: Final = "modules/service-bus.bicep"
INBOUND: Final = (parts.USER_OFFBOARDING, parts.DEVICE_RETIREMENT)
"""The queues that events come in by."""
_SETTINGS: Final = {
    "USER_OFFBOARDING_QUEUE": parts.USER_OFFBOARDING,
    "DEVICE_RETIREMENT_QUEUE": parts.DEVICE_RETIREMENT,
    "VERIFICATION_QUEUE": parts.VERIFICATION,
    "OUTCOMES_TOPIC": parts.OUTCOMES,
}
"""What each setting must be: the names that the emulated parts have."""
_LIMITS: Final = {
    "LockDuration": ("PT5S", "PT5M"),
    "DuplicateDetectionHistoryTimeWindow": ("PT20S", "P7D"),
}
"""What Azure takes, from and to. Source: learn.microsoft.com/azure/service-bus-messaging/service-bus-quotas"""
_VARIABLES: Final = {"queues": "queue", "outcomes": "topic", "subscriptions": "subscription"}
"""The variable that each resource of service-bus.bicep takes its properties from."""


def check(root: Path) -> list[str]:
    """Every problem with entities in a folder."""
    namespaces = json.loads((root / "servicebus.json").read_text(encoding="utf-8"))["UserConfig"]["Namespaces"]
    if len(namespaces) != 1 or len(namespaces[0]["Topics"]) != 1:
        return ["servicebus.json: Bicep reads one namespace with one topic"]
    namespace = namespaces[0]
    return [*_names(root, namespace), *_properties(root, namespace), *_durations(namespace), *_deliveries(namespace)]


def _names(root: Path, namespace: Mapping[str, Any]) -> Iterator[str]:
    queues = {queue["Name"] for queue in namespace["Queues"]}
    known = {*queues, namespace["Topics"][0]["Name"]}
    given, outputs = settings.from_resources(root), bicep.read(root / "main.bicep").outputs
    for name, entity in _SETTINGS.items():
        if given.get(name) != entity:
            yield f"modules/function-app.bicep: {name} is {given.get(name)!r}, not {entity!r}"
        if name in outputs and outputs[name].value != entity:
            yield f"main.bicep: {name} is put out as {outputs[name].value!r}, the app's is {entity!r}"
    yield from _unknown("the service's settings", _SETTINGS.values(), known)
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


def _durations(namespace: Mapping[str, Any]) -> Iterator[str]:
    for name, properties in _all(namespace):
        for key, limits in _LIMITS.items():
            least, most = map(config.parse_duration, limits)
            if key in properties and not least <= config.parse_duration(properties[key]) <= most:
                yield f"servicebus.json: {name}: {key} is {properties[key]}, Azure takes {limits[0]} to {limits[1]}"


def _deliveries(namespace: Mapping[str, Any]) -> Iterator[str]:
    """The app has one MAX_DELIVERY_COUNT, for all queues."""
    counts = {queue["Properties"]["MaxDeliveryCount"] for queue in namespace["Queues"]}
    if len(counts) != 1:
        yield f"servicebus.json: the queues' MaxDeliveryCount differs: {sorted(counts)}"


def _all(namespace: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entity in (*namespace["Queues"], *namespace["Topics"], *namespace["Topics"][0]["Subscriptions"]):
        yield entity["Name"], entity["Properties"]


def _camel(name: str) -> str:
    return name[0].lower() + name[1:]
