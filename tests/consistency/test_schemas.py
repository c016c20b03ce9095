"""The published schemas are the models, and they agree with what the contract takes."""

import json
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from cli import schemas
from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract, outcome
from shared.messaging.settlement import Complete
from tests import builders, fakes

USER, DEVICE = events.UserOffboarded.TYPE, events.DeviceRetired.TYPE
PUBLISHED = Path(__file__).parents[2] / "docs" / "schemas"


def validator(name: str) -> Any:
    schema = json.loads((PUBLISHED / f"{name}.schema.json").read_text(encoding="utf-8"))
    checker = jsonschema.Draft202012Validator.FORMAT_CHECKER
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema, format_checker=checker)


def takes(body: Any, event_type: str) -> bool:
    try:
        contract.decode(builders.message(json.dumps(body).encode()), event_type)
    except InvalidMessage:
        return False
    return True


def test_the_published_schemas_are_those_of_the_models() -> None:
    published = {path.name: path.read_text(encoding="utf-8") for path in PUBLISHED.iterdir()}

    assert published == schemas.documents(), "run: python -m cli.schemas"


def test_schemas_are_written_where_asked(tmp_path: Path) -> None:
    schemas.write(tmp_path / "new")

    assert {path.name for path in (tmp_path / "new").iterdir()} == set(schemas.documents())


@pytest.mark.parametrize("event_type", [USER, DEVICE])
def test_the_examples_in_a_schema_are_valid_and_taken(event_type: str) -> None:
    examples = validator(event_type).schema["examples"]

    assert len(examples) == 2
    for example in examples:
        validator(event_type).validate(example)
        assert takes(example, event_type)


BODIES: dict[str, tuple[str, Any, bool]] = {
    "a user by name": (USER, builders.offboarded_body(), True),
    "a user by id": (USER, {"user": {"id": builders.LEAVER_ID}}, True),
    "a user by former name": (USER, {"user": {"previousUserPrincipalNames": ["a@x"]}}, True),
    "a null beside": (USER, {"user": {"id": None, "userPrincipalName": "a@x"}, "dryRun": None}, True),
    "unknown keys": (USER, builders.offboarded_body(x=1), True),
    "no user": (USER, {}, False),
    "user: null": (USER, {"user": None}, False),
    "user: empty": (USER, {"user": {}}, False),
    "user: all null": (USER, {"user": {"id": None}}, False),
    "no former name": (USER, {"user": {"previousUserPrincipalNames": []}}, False),
    "21 former names": (USER, {"user": {"previousUserPrincipalNames": ["a@x"] * 21}}, False),
    "a null among names": (USER, {"user": {"previousUserPrincipalNames": [None]}}, False),
    "id no GUID": (USER, {"user": {"id": "1"}}, False),
    "UPN without @": (USER, {"user": {"userPrincipalName": "a"}}, False),
    "a number for text": (USER, builders.offboarded_body(reason=1), False),
    "text for a flag": (USER, builders.offboarded_body(dryRun="true"), False),
    "eventId empty": (USER, builders.offboarded_body(eventId=""), False),
    "eventId blank": (USER, builders.offboarded_body(eventId=" "), False),
    "reason too long": (USER, builders.offboarded_body(reason="r" * 1025), False),
    "a list": (USER, [], False),
    "null": (USER, None, False),
    "a device by id": (DEVICE, builders.retired_body(), True),
    "a device and a null key": (DEVICE, {"device": {"autopilotDeviceId": "d1", "serialNumber": None}}, True),
    "both actions": (DEVICE, builders.retired_body(actions=["unassignUser", "unassignResourceAccount"]), True),
    "no device": (DEVICE, {}, False),
    "no key": (DEVICE, {"device": {}}, False),
    "two keys": (DEVICE, {"device": {"autopilotDeviceId": "d1", "serialNumber": "s"}}, False),
    "an id with a slash": (DEVICE, {"device": {"autopilotDeviceId": "../users"}}, False),
    "a blank serial number": (DEVICE, {"device": {"serialNumber": " "}}, False),
    "no action": (DEVICE, builders.retired_body(actions=[]), False),
    "another action": (DEVICE, builders.retired_body(actions=["wipe"]), False),
    "three actions": (DEVICE, builders.retired_body(actions=["unassignUser"] * 3), False),
}


@pytest.mark.parametrize(("event_type", "body", "good"), list(BODIES.values()), ids=list(BODIES))
def test_schema_and_contract_agree(event_type: str, body: Any, good: bool) -> None:
    assert takes(body, event_type) is good
    assert validator(event_type).is_valid(body) is good


def test_an_outcome_event_fits_its_schema() -> None:
    subject = outcome.Subject(
        event_type=USER, request=builders.request(), run=0, attempt=1, received_at=fakes.NOW, dry_run=False
    )
    event = outcome.event(subject, Complete(), [], now=fakes.NOW)

    validator("outcome").validate(json.loads(event.document()))
