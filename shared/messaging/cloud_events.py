"""CloudEvents 1.0, structured and binary mode, and plain bodies: where the event object is and what its envelope says.

Source: the CloudEvents specification 1.0.2 and its AMQP binding (`cloudEvents:` and `cloudEvents_` property prefixes).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeGuard

from shared.domain.errors import InvalidMessage
from shared.messaging import mistyped, strict_json
from shared.messaging.strict_json import Path

SPEC_VERSION: Final = "1.0"
MAX_ID: Final = 128

_PREFIXES: Final = ("cloudEvents:", "cloudEvents_")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The event object, its path in the body, and the id that the envelope gives (None for a plain body)."""

    data: dict[str, Any]
    path: Path = ()
    event_id: str | None = None


def unwrap(value: dict[str, Any], properties: Mapping[str, Any], event_type: str) -> Envelope:
    """Find the event object in a parsed body. Raises InvalidMessage for an envelope that is broken or of another type."""
    bound = attributes(properties)
    for outside in (properties, bound, value if "specversion" in value else {}):
        misplaced = mistyped.first(outside, {})
        if misplaced is not None:
            raise InvalidMessage(strict_json.render(misplaced[0]), f"is not read here; did you mean {misplaced[1]}?")
    if bound:
        return Envelope(value, (), _checked(bound, event_type, where="the application property cloudEvents:"))
    if "specversion" in value:
        event_id = _checked(value, event_type)
        data = value.get("data")
        if not isinstance(data, dict):
            raise InvalidMessage("$.data", "is required and must be a JSON object (data_base64 is not read)")
        return Envelope(data, ("data",), event_id)
    return Envelope(value)


def attributes(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of binary mode, without their prefix; none for a message in another mode."""
    return {
        name.removeprefix(prefix): value
        for name, value in properties.items()
        for prefix in _PREFIXES
        if name.startswith(prefix)
    }


def is_attribute(name: str) -> bool:
    """Whether an application property is an attribute of binary mode."""
    return name.startswith(_PREFIXES)


def is_id(value: Any) -> TypeGuard[str]:
    """Whether a value can name an event."""
    return isinstance(value, str) and _is_text(value) and len(value) <= MAX_ID and value.isprintable()


def _checked(given: Mapping[str, Any], event_type: str, *, where: str = "") -> str:
    def wrong(name: str, problem: str) -> InvalidMessage:
        return InvalidMessage(strict_json.render((name,)), f"{where}{name} {problem}" if where else problem)

    if given.get("specversion") != SPEC_VERSION:
        raise wrong("specversion", f"must be {SPEC_VERSION}")
    if not _names(given.get("type"), event_type):
        raise wrong("type", f"must end in {event_type}, which is what this queue takes")
    if "source" in given and not _is_text(given["source"]):
        raise wrong("source", "must be a non-empty string")
    event_id = given.get("id")
    if not is_id(event_id):
        raise wrong("id", f"is required and must be a printable string of 1 to {MAX_ID} characters")
    return event_id


def _names(value: Any, event_type: str) -> bool:
    """Whether a type is the event's name, or ends in it behind a separator, as `com.contoso.hr.user.offboarded` does."""
    if not isinstance(value, str) or not value.endswith(event_type):
        return False
    before = value.removesuffix(event_type)
    return not before or not before[-1].isalnum()


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())
