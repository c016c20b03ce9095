"""From a message of any shape to an event: the contract first, then the rules. What a rule made goes through the contract too."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import cloud_events, contract, mistyped, strict_json
from shared.messaging.incoming import IncomingMessage
from shared.messaging.mapping.expression import Budget, NotEvaluated
from shared.messaging.mapping.rules import Foreign, Rule, nested

_NAMED: Final = 20
"""So many of the rules that were tried are named."""
_SUBJECTS: Final = {events.UserOffboarded.TYPE: "user", events.DeviceRetired.TYPE: "device"}


@dataclass(frozen=True, slots=True)
class Decoder:
    """Stands in for `contract.decode`. The first rule that matches makes the event; the order is the file's."""

    rules: tuple[Rule, ...]

    def __call__(self, message: IncomingMessage, event_type: str) -> events.Event:
        """The event in a message's body. Raises InvalidMessage, and nothing else; it names the rule, or the rules tried."""
        return self.decoded(message, event_type)[1]

    def decoded(self, message: IncomingMessage, event_type: str) -> tuple[IncomingMessage, events.Event]:
        """The message as one of the contract (untouched, if it is one), and the event in it. Raises as above."""
        try:
            return message, contract.decode(message, event_type)
        except InvalidMessage:
            body = strict_json.loads(message.body)  # which keeps the limits of a body, before any rule is tried
            if is_ours(body, event_type):
                raise
        foreign, budget = Foreign(body=body, properties=message.application_properties), Budget()
        rule = self._first(foreign, event_type, budget)
        return _made(rule, dict(rule.values(foreign, budget)), foreign, message)

    def _first(self, message: Foreign, event_type: str, budget: Budget) -> Rule:
        candidates = [rule for rule in self.rules if rule.event == event_type]
        tried = []
        for rule in candidates:
            refusal = rule.match.refusal(message, budget)
            if refusal is None:
                return rule
            tried.append(f"{rule.name} ({refusal})")
        raise InvalidMessage("$", f"is no {event_type}, and no mapping rule matches; tried: {_listed(tried)}")


def _made(
    rule: Rule, values: Mapping[str, Any], foreign: Foreign, message: IncomingMessage
) -> tuple[IncomingMessage, events.Event]:
    """What a rule makes of a message. Raises InvalidMessage; its path is that in the event, and it names the rule."""
    for path, value in values.items():
        if isinstance(value, NotEvaluated):
            raise InvalidMessage(_path(path), f"{value} ({_by(rule)})")
    data = nested(values)
    _keep_dry_run(data, rule, foreign)
    if "eventId" not in data and (event_id := _envelope_id(foreign)) is not None:
        data["eventId"] = event_id
    try:
        ours = _as_ours(data, message)
        return ours, contract.decode(ours, rule.event)
    except InvalidMessage as error:
        raise InvalidMessage(error.path, f"{error.problem} ({_by(rule)})") from None


def is_ours(body: Mapping[str, Any], event_type: str) -> bool:
    """Whether a body, or the data in its envelope, means to be of the contract: then what is wrong with it is the answer.

    It is if its `user` or `device` has a key of ours; `id` alone, which anybody's has, counts only where nothing else is.
    """
    subject = _SUBJECTS[event_type]
    ours = {
        strict_json.bare(path.split(".")[1]) for path in contract.fields(event_type) if path.startswith(f"{subject}.")
    }
    for data in (body, body.get("data")):
        inner = data.get(subject) if isinstance(data, dict) else None
        if isinstance(inner, dict) and inner:
            keys = set(map(strict_json.bare, inner))
            if keys & (ours - {"id"}) or keys == {"id"}:
                return True
    return False


def _keep_dry_run(data: Mapping[str, Any], rule: Rule, foreign: Foreign) -> None:
    """A message that says dryRun, in any spelling, must not be acted on because no rule read it."""
    places = (foreign.body, foreign.body.get("data"), foreign.properties, cloud_events.attributes(foreign.properties))
    for place in places:
        overlooked = mistyped.first(place, {})
        if overlooked is not None and "dryRun" not in data:
            raise InvalidMessage(
                strict_json.render(overlooked[0]), f"is not read: give the rule a dryRun ({_by(rule)})"
            )


def _envelope_id(foreign: Foreign) -> str | None:
    envelope = cloud_events.attributes(foreign.properties) or foreign.body
    event_id = envelope.get("id") if "specversion" in envelope else None
    return event_id if cloud_events.is_id(event_id) else None


def _as_ours(data: Mapping[str, Any], message: IncomingMessage) -> IncomingMessage:
    """The message, with the event in place of its body, and without the envelope that was another event's."""
    properties = {k: v for k, v in message.application_properties.items() if not cloud_events.is_attribute(k)}
    return replace(message, body=json.dumps(data).encode(), application_properties=properties)


def _path(field: str) -> str:
    return strict_json.render(tuple(field.split(".")))


def _by(rule: Rule) -> str:
    return f"mapped by the rule {rule.name}"


def _listed(tried: Sequence[str]) -> str:
    more = len(tried) - _NAMED
    return "; ".join([*tried[:_NAMED], *([f"and {more} more"] if more > 0 else [])]) or "none, for none makes it"
