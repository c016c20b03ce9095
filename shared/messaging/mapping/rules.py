"""What a rule is: which messages it is for, which event it makes of them, and where each field comes from."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shared.messaging import cloud_events
from shared.messaging.mapping.expression import Budget, Expression, NotEvaluated, is_true


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreign:
    """A message of a shape that may be anybody's: its body, parsed, and its application properties."""

    body: Mapping[str, Any]
    properties: Mapping[str, Any]

    @property
    def type(self) -> str | None:
        """The type that it gives itself, as CloudEvents or Event Grid's own schema have it, or as plain `type`."""
        attributes = cloud_events.attributes(self.properties)
        named = (attributes.get("type"), self.body.get("type"), self.body.get("eventType"))
        return next((each for each in named if isinstance(each, str)), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """All that is given must hold; at least one is given."""

    types: tuple[str, ...] = ()
    properties: Mapping[str, str | int | bool] | None = None
    when: Expression | None = None

    def refusal(self, message: Foreign, budget: Budget) -> str | None:
        """Why the rule is not for this message, in words that name no value of it; None if it is."""
        if self.types and message.type not in self.types:
            return "the type is another"
        for name, expected in (self.properties or {}).items():
            given = message.properties.get(name)
            if given != expected or isinstance(given, bool) != isinstance(expected, bool):
                state = "another" if name in message.properties else "absent"
                return f"the application property {name} is {state}; the rule wants {json.dumps(expected)}"
        if self.when is None:
            return None
        try:
            holds = is_true(self.when.value(message.body, message.properties, budget))
        except NotEvaluated as error:
            return f"its condition: {error}"
        return None if holds else "its condition does not hold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Makes one event of a message. `fields` are paths in the event, such as `user.userPrincipalName`."""

    name: str
    event: str
    match: Match
    fields: Mapping[str, Expression]

    def values(self, message: Foreign, budget: Budget) -> Iterator[tuple[str, Any]]:
        """Each field's path and value; a value that cannot be had is the NotEvaluated itself."""
        for path, expression in self.fields.items():
            try:
                yield path, expression.value(message.body, message.properties, budget)
            except NotEvaluated as error:
                yield path, error


def nested(values: Mapping[str, Any]) -> dict[str, Any]:
    """The event object with the given values at their paths; null means absent."""
    data: dict[str, Any] = {}
    for path, value in values.items():
        if value is not None:
            *outer, last = path.split(".")
            place = data
            for step in outer:
                place = place.setdefault(step, {})
            place[last] = value
    return data
