"""The namespace as data: which queues, topics and subscriptions there are, and their rules.

Reads the JSON form of Microsoft's Service Bus emulator (`UserConfig`, `Namespaces`, `Queues`, `Topics`). Refuses what this
emulator does not do (sessions, forwarding) and every property it does not know, rather than leave it out in silence.
Source: learn.microsoft.com/azure/service-bus-messaging/test-locally-with-service-bus-emulator
"""

import dataclasses
import json
import re
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

from emulators.servicebus.filters import TRUE, Filter, parse_rule

_DURATION = re.compile(
    r"P(?:(?P<days>\d+)D)?(?:T(?=\d)(?:(?P<hours>\d+)H)?(?:(?P<minutes>\d+)M)?(?:(?P<seconds>\d+(?:\.\d+)?)S)?)?"
)
_UNSUPPORTED = {"RequiresSession": False, "ForwardTo": "", "ForwardDeadLetteredMessagesTo": ""}
_TOPIC_KEYS = {"DefaultMessageTimeToLive", "DuplicateDetectionHistoryTimeWindow", "RequiresDuplicateDetection"}
_DELIVERY_KEYS = {"LockDuration", "MaxDeliveryCount", "DeadLetteringOnMessageExpiration", "DefaultMessageTimeToLive"}
_NO_LIMIT = timedelta(days=10_675_199)
"""What the service calls "never": .NET's largest TimeSpan, in whole days."""


class ConfigError(ValueError):
    """The namespace can't be built from this configuration."""


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryRules:
    """How one queue or subscription delivers. `time_to_live` None means that messages live for ever."""

    lock_duration: timedelta = timedelta(minutes=1)
    max_delivery_count: int | None = 10
    time_to_live: timedelta | None = None
    dead_letter_on_expiration: bool = False


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One queue. `duplicate_window` None means no duplicate detection."""

    name: str
    rules: DeliveryRules = DeliveryRules()
    duplicate_window: timedelta | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Subscription:
    """One subscription of a topic; it takes a message that any of its filters lets through."""

    name: str
    rules: DeliveryRules = DeliveryRules()
    filters: tuple[Filter, ...] = (TRUE,)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Topic:
    """One topic, with its subscriptions."""

    name: str
    subscriptions: tuple[Subscription, ...] = ()
    time_to_live: timedelta | None = None
    duplicate_window: timedelta | None = None


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Namespace:
    """All entities of one namespace."""

    name: str = "sbemulatorns"
    queues: tuple[Queue, ...] = ()
    topics: tuple[Topic, ...] = ()

    def with_lock_duration(self, lock_duration: timedelta) -> Self:
        """The same namespace with another lock on every queue and subscription; local runs want short ones."""
        return dataclasses.replace(
            self,
            queues=tuple(_relock(queue, lock_duration) for queue in self.queues),
            topics=tuple(
                dataclasses.replace(topic, subscriptions=tuple(_relock(s, lock_duration) for s in topic.subscriptions))
                for topic in self.topics
            ),
        )


def load(path: Path | str) -> Namespace:
    """Read the first namespace of a configuration file. Raises ConfigError, OSError."""
    try:
        document = json.loads(Path(path).read_text(encoding="utf-8"))
        namespaces = document["UserConfig"]["Namespaces"]
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path}: not a Service Bus emulator configuration: {error!r}") from error
    if len(namespaces) != 1:
        raise ConfigError(f"{path}: one namespace is expected, {len(namespaces)} are there")
    return parse_namespace(namespaces[0])


def parse_namespace(entry: Mapping[str, Any]) -> Namespace:
    """One entry of `Namespaces`. Raises ConfigError."""
    _refuse_unknown(entry, {"Name", "Queues", "Topics"}, "namespace")
    return Namespace(
        name=entry["Name"],
        queues=tuple(_queue(queue) for queue in entry.get("Queues", [])),
        topics=tuple(_topic(topic) for topic in entry.get("Topics", [])),
    )


def parse_duration(text: str) -> timedelta:
    """An ISO 8601 duration of days and less (`PT5M`, `P14D`, `PT0.5S`). Raises ConfigError."""
    match = _DURATION.fullmatch(text)
    if match is None or text in ("P", "PT"):
        raise ConfigError(f"not a duration like PT5M or P14D: {text!r}")
    return timedelta(**{unit: float(number) for unit, number in match.groupdict().items() if number is not None})


def _relock[E: (Queue, Subscription)](entity: E, lock_duration: timedelta) -> E:
    return dataclasses.replace(entity, rules=dataclasses.replace(entity.rules, lock_duration=lock_duration))


def _queue(entry: Mapping[str, Any]) -> Queue:
    _refuse_unknown(entry, {"Name", "Properties"}, "queue")
    properties = _properties(entry, _TOPIC_KEYS | _DELIVERY_KEYS)
    return Queue(name=entry["Name"], rules=_rules(properties), duplicate_window=_duplicate_window(properties))


def _topic(entry: Mapping[str, Any]) -> Topic:
    _refuse_unknown(entry, {"Name", "Properties", "Subscriptions"}, "topic")
    properties = _properties(entry, _TOPIC_KEYS)
    return Topic(
        name=entry["Name"],
        subscriptions=tuple(_subscription(subscription) for subscription in entry.get("Subscriptions", [])),
        time_to_live=_time_to_live(properties),
        duplicate_window=_duplicate_window(properties),
    )


def _subscription(entry: Mapping[str, Any]) -> Subscription:
    _refuse_unknown(entry, {"Name", "Properties", "Rules"}, "subscription")
    rules = tuple(_filter(rule) for rule in entry.get("Rules", []))
    properties = _properties(entry, _DELIVERY_KEYS)
    return Subscription(name=entry["Name"], rules=_rules(properties), filters=rules or (TRUE,))


def _filter(rule: Mapping[str, Any]) -> Filter:
    try:
        return parse_rule(rule)
    except (KeyError, ValueError) as error:
        raise ConfigError(f"rule {rule.get('Name')}: {error}") from error


def _properties(entry: Mapping[str, Any], known: set[str]) -> Mapping[str, Any]:
    properties: Mapping[str, Any] = entry.get("Properties", {})
    _refuse_unknown(properties, known | _UNSUPPORTED.keys(), entry["Name"])
    for name, harmless in _UNSUPPORTED.items():
        if properties.get(name, harmless) != harmless:
            raise ConfigError(f"{entry['Name']}: {name} is not supported by this emulator")
    return properties


def _rules(properties: Mapping[str, Any]) -> DeliveryRules:
    return DeliveryRules(
        lock_duration=parse_duration(properties.get("LockDuration", "PT1M")),
        max_delivery_count=int(properties.get("MaxDeliveryCount", 10)),
        time_to_live=_time_to_live(properties),
        dead_letter_on_expiration=bool(properties.get("DeadLetteringOnMessageExpiration", False)),
    )


def _time_to_live(properties: Mapping[str, Any]) -> timedelta | None:
    text = properties.get("DefaultMessageTimeToLive")
    time_to_live = None if text is None else parse_duration(text)
    return None if time_to_live is None or time_to_live >= _NO_LIMIT else time_to_live


def _duplicate_window(properties: Mapping[str, Any]) -> timedelta | None:
    if not properties.get("RequiresDuplicateDetection", False):
        return None
    return parse_duration(properties.get("DuplicateDetectionHistoryTimeWindow", "PT10M"))


def _refuse_unknown(entry: Mapping[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(entry) - known)
    if unknown:
        raise ConfigError(f"{where}: unknown {', '.join(unknown)}")
