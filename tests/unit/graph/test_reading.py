"""From Graph's JSON to devices and users."""

import json
from typing import Any

import pytest

from shared.domain.device import AutopilotDevice
from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import (
    NO_ID,
    AutopilotDeviceId,
    EntraDeviceId,
    ManagedDeviceId,
    SerialNumber,
    UserObjectId,
    UserPrincipalName,
)
from shared.graph import reading
from shared.graph.response import Response
from shared.ports import User

OBJECT_ID = "7E8D0F4C-0000-4000-8000-00000000000A"
TEXTS = (
    "serialNumber",
    "userPrincipalName",
    "addressableUserName",
    "resourceName",
    "groupTag",
    "managedDeviceId",
    "azureActiveDirectoryDeviceId",
)


def test_a_full_record_is_read() -> None:
    record = {
        "@odata.type": "#microsoft.graph.windowsAutopilotDeviceIdentity",
        "id": "d-1",
        "serialNumber": "PF 1",
        "userPrincipalName": "Alice@contoso.example",
        "addressableUserName": "Alice",
        "resourceName": "room-1",
        "groupTag": "EMEA",
        "managedDeviceId": "m-1",
        "azureActiveDirectoryDeviceId": "e-1",
        "lastContactedDateTime": "0001-01-01T00:00:00Z",
    }

    assert reading.device(record) == AutopilotDevice(
        autopilot_device_id=AutopilotDeviceId("d-1"),
        serial_number=SerialNumber("PF 1"),
        user_principal_name=UserPrincipalName("Alice@contoso.example"),
        addressable_user_name="Alice",
        resource_name="room-1",
        group_tag="EMEA",
        managed_device_id=ManagedDeviceId("m-1"),
        entra_device_id=EntraDeviceId("e-1"),
    )


@pytest.mark.parametrize("nothing", [{}, dict.fromkeys(TEXTS, ""), dict.fromkeys(TEXTS)], ids=["missing", "", "null"])
def test_what_is_not_set_is_none(nothing: dict[str, Any]) -> None:
    assert reading.device({"id": "d-1", **nothing}) == AutopilotDevice(autopilot_device_id=AutopilotDeviceId("d-1"))


def test_the_id_that_stands_for_none_is_kept_and_shared() -> None:
    text = json.dumps({"id": "d-1", "managedDeviceId": NO_ID, "azureActiveDirectoryDeviceId": NO_ID, "groupTag": "E-1"})

    first, second = (reading.device(json.loads(text)) for _ in range(2))

    assert first.managed_device_id is second.managed_device_id
    assert (first.managed_device_id, first.entra_device_id) == (NO_ID, NO_ID)
    assert first.group_tag is second.group_tag


@pytest.mark.parametrize("name", ["id", *TEXTS])
@pytest.mark.parametrize("value", [7, True, [], {}], ids=str)
def test_another_type_is_graph_being_unwell(name: str, value: Any) -> None:
    with pytest.raises(GraphUnavailable, match=name):
        reading.device({"id": "d-1", name: value})


@pytest.mark.parametrize("name", ["id", *TEXTS])
def test_a_text_that_nobody_could_write_down_is_graph_being_unwell(name: str) -> None:
    with pytest.raises(GraphUnavailable, match=f"{name} that holds half of a surrogate pair"):
        reading.device({"id": "d-1", name: "x\ud800"})


def test_a_text_of_any_script_is_text() -> None:
    assert reading.device({"id": "d-1", "groupTag": "Zürich 😀"}).group_tag == "Zürich 😀"


@pytest.mark.parametrize("record", [{}, {"id": ""}, {"id": None}])
def test_a_record_without_an_id_is_none(record: dict[str, Any]) -> None:
    with pytest.raises(GraphUnavailable, match="no id"):
        reading.device(record)


def test_a_user_is_read() -> None:
    assert reading.user({"id": OBJECT_ID, "userPrincipalName": "alice@contoso.example"}) == User(
        user_object_id=UserObjectId(OBJECT_ID), user_principal_name=UserPrincipalName("alice@contoso.example")
    )


@pytest.mark.parametrize("read", [reading.user, reading.deleted_user])
def test_a_user_without_a_name_is_nobody(read: Any) -> None:
    assert read({"id": OBJECT_ID, "userPrincipalName": None}) is None


@pytest.mark.parametrize(
    "prefix",
    [OBJECT_ID, OBJECT_ID.lower(), OBJECT_ID.replace("-", ""), OBJECT_ID.replace("-", "").lower(), ""],
)
def test_a_deleted_user_has_the_name_from_before(prefix: str) -> None:
    user = reading.deleted_user({"id": OBJECT_ID, "userPrincipalName": f"{prefix}Alice@contoso.example"})

    assert user is not None
    assert (user.user_principal_name, user.deleted) == ("Alice@contoso.example", True)


def test_another_users_id_is_part_of_the_name() -> None:
    name = OBJECT_ID.replace("A", "B") + "alice@contoso.example"
    user = reading.deleted_user({"id": OBJECT_ID, "userPrincipalName": name})

    assert user is not None
    assert user.user_principal_name == name


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"value": [', b"[]", b"null", b"7", b"\xff", b"[" * 100_000])
def test_a_body_that_is_no_json_object_is_graph_being_unwell(body: bytes) -> None:
    with pytest.raises(GraphUnavailable, match="200"):
        Response(200, {}, body).json()


def test_a_byte_order_mark_does_not_matter() -> None:
    assert Response(200, {}, b'\xef\xbb\xbf{"id": "d-1"}').json() == {"id": "d-1"}
