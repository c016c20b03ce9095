"""CloudEvents 1.0, structured and binary, beside the plain body."""

import json
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract
from tests import builders

TYPE = events.UserOffboarded.TYPE
ATTRIBUTES = {"specversion": "1.0", "type": f"com.contoso.hr.{TYPE}", "source": "/hr", "id": "ce-1"}


def structured(**fields: Any) -> dict[str, Any]:
    given = {**ATTRIBUTES, "data": builders.offboarded_body(), **fields}
    return {name: value for name, value in given.items() if value is not ...}


def binary(prefix: str = "cloudEvents:", **fields: Any) -> dict[str, Any]:
    given = {**ATTRIBUTES, "datacontenttype": "application/json", **fields}
    return {prefix + name: value for name, value in given.items() if value is not ...}


def decode(body: bytes | dict[str, Any], properties: dict[str, Any] | None = None) -> events.Event:
    return contract.decode(builders.message(body, application_properties=properties or {}), TYPE)


def refused(body: bytes | dict[str, Any], properties: dict[str, Any] | None = None) -> InvalidMessage:
    with pytest.raises(InvalidMessage) as refusal:
        decode(body, properties)
    return refusal.value


def path_of(body: bytes | dict[str, Any], properties: dict[str, Any] | None = None) -> str:
    return refused(body, properties).path


def told(body: bytes | dict[str, Any], properties: dict[str, Any] | None = None) -> str:
    return str(refused(body, properties))


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        pytest.param(structured(), {}, id="structured"),
        pytest.param(structured(source=...), {}, id="structured without a source"),
        pytest.param(builders.offboarded_body(), binary(), id="binary, cloudEvents:"),
        pytest.param(builders.offboarded_body(), binary("cloudEvents_"), id="binary, cloudEvents_"),
    ],
)
def test_an_envelope_gives_the_event_its_default_id(body: dict[str, Any], properties: dict[str, Any]) -> None:
    assert decode(body, properties) == builders.offboarded(request=builders.request(event_id="ce-1"))


@pytest.mark.parametrize(
    ("body", "properties", "event_id"),
    [
        pytest.param(structured(data=builders.offboarded_body(eventId="e-1")), {}, "e-1", id="its own before all"),
        pytest.param(structured(), {}, "ce-1", id="the envelope's before the message's"),
        pytest.param(builders.offboarded_body(), {}, "message-1", id="the message's at last"),
        pytest.param(
            builders.offboarded_body(), builders.of_a_copy(originalMessageId="m-0"), "m-0", id="a copy: the original's"
        ),
        pytest.param(
            builders.offboarded_body(),
            builders.of_a_copy(originalMessageId="m-0:r2", replay=2),
            "m-0",
            id="a replay: as before it",
        ),
    ],
)
def test_the_event_id_and_its_defaults(body: dict[str, Any], properties: dict[str, Any], event_id: str) -> None:
    assert decode(body, properties).request.event_id == event_id


@pytest.mark.parametrize("event_type", [TYPE, f"com.contoso.{TYPE}", f"hr/{TYPE}", f"hr:{TYPE}"])
def test_a_type_ends_in_the_events_name(event_type: str) -> None:
    assert decode(structured(type=event_type)).request.event_id == "ce-1"


@pytest.mark.parametrize(
    "event_type", [f"x{TYPE}", f"9{TYPE}", f"{TYPE}.v2", "device.retired", TYPE.upper(), "", None, 1, "offboarded"]
)
def test_another_type_is_refused(event_type: Any) -> None:
    assert path_of(structured(type=event_type)) == "$.type"


BAD = {
    "specversion 0.3": ({"specversion": "0.3"}, "$.specversion"),
    "specversion as a number": ({"specversion": 1.0}, "$.specversion"),
    "specversion null": ({"specversion": None}, "$.specversion"),
    "no type": ({"type": ...}, "$.type"),
    "no id": ({"id": ...}, "$.id"),
    "id empty": ({"id": ""}, "$.id"),
    "id blank": ({"id": "  "}, "$.id"),
    "id a number": ({"id": 7}, "$.id"),
    "id of 129 characters": ({"id": "e" * 129}, "$.id"),
    "id with a newline": ({"id": "a\nb"}, "$.id"),
    "id in another direction": ({"id": "a\u202eb"}, "$.id"),
    "source empty": ({"source": ""}, "$.source"),
    "source null": ({"source": None}, "$.source"),
}


@pytest.mark.parametrize(("fields", "path"), list(BAD.values()), ids=list(BAD))
def test_a_broken_envelope_is_refused_in_both_modes(fields: dict[str, Any], path: str) -> None:
    assert path_of(structured(**fields)) == path
    assert path_of(builders.offboarded_body(), binary(**fields)) == path
    assert path_of(builders.offboarded_body(), binary("cloudEvents_", **fields)) == path


ATTRIBUTE = "the application property cloudEvents:"
TOLD: dict[str, tuple[dict[str, Any], str, str]] = {
    "specversion": ({"specversion": "0.3"}, "specversion", "must be 1.0"),
    "type": ({"type": "x"}, "type", f"must end in {TYPE}, which is what this queue takes"),
    "source": ({"source": ""}, "source", "must be a non-empty string"),
    "id": ({"id": ""}, "id", "is required and must be a printable string of 1 to 128 characters"),
}


@pytest.mark.parametrize(("fields", "name", "mend"), list(TOLD.values()), ids=list(TOLD))
def test_what_is_wrong_with_an_envelope_is_told_with_the_mend(fields: dict[str, Any], name: str, mend: str) -> None:
    assert told(structured(**fields)) == f"$.{name}: {mend}"
    assert told(builders.offboarded_body(), binary(**fields)) == f"$.{name}: {ATTRIBUTE}{name} {mend}"


@pytest.mark.parametrize(
    ("body", "properties"),
    [
        pytest.param(structured(dryRun=True), {}, id="beside data"),
        pytest.param(builders.offboarded_body(), binary(dryRun=True), id="as an attribute"),
        pytest.param(builders.offboarded_body(), {"dryRun": True}, id="as an application property"),
    ],
)
def test_a_dry_run_that_is_asked_for_outside_of_the_event_is_refused_and_its_place_told(
    body: dict[str, Any], properties: dict[str, Any]
) -> None:
    assert told(body, properties) == "$.dryRun: is not read here; did you mean dryRun beside user or device?"


def test_missing_data_is_told_with_the_mend() -> None:
    assert told(structured(data=...)) == "$.data: is required and must be a JSON object (data_base64 is not read)"


def test_a_problem_in_a_body_beside_binary_attributes_is_told_by_its_path() -> None:
    assert path_of({"user": {"id": 1}}, binary()) == "$.user.id"


def test_a_binary_envelope_without_a_specversion_is_refused() -> None:
    assert path_of(builders.offboarded_body(), binary(specversion=...)) == "$.specversion"


@pytest.mark.parametrize("data", [..., None, [], "e30=", json.dumps(builders.offboarded_body())])
def test_data_must_be_an_object(data: Any) -> None:
    assert path_of(structured(data=data, data_base64="e30=")) == "$.data"


def test_a_problem_in_the_data_is_told_by_its_whole_path() -> None:
    assert path_of(structured(data={"user": {"id": 1}})) == "$.data.user.id"
    assert path_of(structured(data=builders.offboarded_body(dry_run=True))) == "$.data.dry_run"


def test_an_id_of_128_characters_is_taken() -> None:
    assert decode(structured(id="e" * 128)).request.event_id == "e" * 128
