"""Which messages a subscription takes: true, false and correlation filters.

SQL filters other than `1=1` and `1=0` are refused when the configuration is read: half a SQL would be worse than none.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Protocol

from emulators.servicebus.message import Content

_SYSTEM_PROPERTIES = {
    "ContentType": "content-type",
    "CorrelationId": "correlation-id",
    "Label": "subject",
    "MessageId": "message-id",
    "ReplyTo": "reply-to",
    "ReplyToSessionId": "reply-to-group-id",
    "SessionId": "group-id",
    "To": "to",
}


class Filter(Protocol):
    """Decides about one message."""

    def matches(self, content: Content) -> bool:
        """Whether the subscription is to have a copy."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class ConstantFilter:
    """Takes every message, or none."""

    value: bool

    def matches(self, content: Content) -> bool:
        """The same answer for every message."""
        return self.value


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class CorrelationFilter:
    """Takes a message whose properties all equal these, case-sensitively."""

    system: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    application: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def matches(self, content: Content) -> bool:
        """Whether each named property is there and equal."""
        return all(content.properties.get(name) == value for name, value in self.system.items()) and all(
            content.application_properties.get(name) == value for name, value in self.application.items()
        )


TRUE = ConstantFilter(value=True)


def parse_rule(rule: Mapping[str, Any]) -> Filter:
    """One entry of a subscription's `Rules`. Raises KeyError, ValueError."""
    properties = rule["Properties"]
    match properties["FilterType"]:
        case "Correlation":
            return _correlation(properties["CorrelationFilter"])
        case "Sql":
            return _sql(properties["SqlFilter"]["SqlExpression"])
        case other:
            raise ValueError(f"unknown filter type {other!r}")


def _correlation(entry: Mapping[str, Any]) -> Filter:
    unknown = sorted(set(entry) - set(_SYSTEM_PROPERTIES) - {"Properties"})
    if unknown:
        raise ValueError(f"correlation filter: unknown {', '.join(unknown)}")
    system = {_SYSTEM_PROPERTIES[name]: value for name, value in entry.items() if name != "Properties"}
    return CorrelationFilter(system=system, application=dict(entry.get("Properties", {})))


def _sql(expression: str) -> Filter:
    constants = {"1=1": True, "1=0": False}
    compact = expression.replace(" ", "")
    if compact not in constants:
        raise ValueError(f"SQL filters other than 1=1 and 1=0 are not supported: {expression!r}")
    return ConstantFilter(value=constants[compact])
