"""What a rejected field is told: the JSON path and the expected form, made from pydantic's error types, never its texts."""

from collections.abc import Mapping
from typing import Any, Final, Protocol

from shared.domain.errors import InvalidMessage
from shared.messaging import strict_json
from shared.messaging.strict_json import Path

_EXPECTED: Final[Mapping[str, str]] = {
    "missing": "is required",
    "string_type": "must be a string",
    "bool_type": "must be true or false",
    "tuple_type": "must be an array",
    "model_type": "must be a JSON object",
    "model_attributes_type": "must be a JSON object",
    "literal_error": "must be one of unassignUser, unassignResourceAccount",
    "timestamp": "must be an RFC 3339 time with an offset, such as 2026-11-22T09:30:00Z",
    "no_user": "needs at least one of id, userPrincipalName, previousUserPrincipalNames",
    "one_key": "needs exactly one of autopilotDeviceId, serialNumber, entraDeviceId, managedDeviceId",
    "no_id": "must not be the all-zeros id, which names no device",
    "string_too_short": "must not be empty",
    "too_short": "must not be empty",
    "string_too_long": "is too long",
    "too_long": "has too many entries",
}
_FORMS: Final[Mapping[str, str]] = {
    "id": "must be a GUID, such as 6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11",
    "userPrincipalName": "must be a user principal name, such as name@contoso.com",
    "previousUserPrincipalNames": "must be a user principal name, such as name@contoso.com",
    "assignedUserPrincipalName": "must be a user principal name, such as name@contoso.com",
    "autopilotDeviceId": "must be an id of letters, digits, '-', '_' and '.'",
    "entraDeviceId": "must be an id of letters, digits, '-', '_' and '.'",
    "managedDeviceId": "must be an id of letters, digits, '-', '_' and '.'",
}
_SHOWN: Final = 3


class _Failure(Protocol):
    def errors(self, *, include_url: bool, include_context: bool, include_input: bool) -> list[Any]: ...


def invalid_message(failure: _Failure, prefix: Path) -> InvalidMessage:
    """The error for a body that failed its model: the first problem's path, and up to three problems in its text."""
    errors = failure.errors(include_url=False, include_context=False, include_input=False)
    # An array whose entries were all refused counts as empty too: what lies further in says it better.
    deepest = [each for each in errors if not any(_is_within(other["loc"], each["loc"]) for other in errors)]
    found = [((*prefix, *error["loc"]), _problem(error)) for error in deepest[:_SHOWN]]
    (path, problem), *others = found
    rest = [f"{strict_json.render(other)}: {text}" for other, text in others]
    return InvalidMessage(strict_json.render(path), "; ".join([problem, *rest]))


def _is_within(inner: Path, outer: Path) -> bool:
    return len(inner) > len(outer) and inner[: len(outer)] == outer


def _problem(error: Mapping[str, Any]) -> str:
    if error["type"] == "string_pattern_mismatch":
        field = next(step for step in reversed(error["loc"]) if isinstance(step, str))
        return _FORMS.get(field, "must not be blank or hold control characters")
    return _EXPECTED.get(error["type"], f"is not valid ({error['type']})")
