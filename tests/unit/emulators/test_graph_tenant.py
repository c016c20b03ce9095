import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from emulators.graph import tenant
from emulators.graph.tenant import Assignment, Device, Tenant, User

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ADA = "ada@contoso.example"


def saved(path: Path, content: object) -> Path:
    file = path / "tenant.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    return file


def test_a_tenant_is_read_from_a_file_with_graphs_names(tmp_path: Path) -> None:
    device = {
        "id": "d1",
        "serialNumber": "SN1",
        "userPrincipalName": ADA,
        "addressableUserName": "Ada",
        "resourceName": "room",
        "groupTag": "Lab",
        "managedDeviceId": "m1",
        "azureActiveDirectoryDeviceId": "e1",
        "displayName": "PC",
        "model": "L14",
        "manufacturer": "LENOVO",
    }
    user = {"id": "u1", "userPrincipalName": ADA, "deleted": True}

    read = tenant.load(saved(tmp_path, {"devices": [device], "users": [user]}))

    assert read.devices == {
        "d1": Device(
            id="d1",
            serial_number="SN1",
            user_principal_name=ADA,
            addressable_user_name="Ada",
            resource_name="room",
            group_tag="Lab",
            managed_device_id="m1",
            entra_device_id="e1",
            display_name="PC",
            model="L14",
            manufacturer="LENOVO",
        )
    }
    assert read.users == {"u1": User(id="u1", user_principal_name=ADA, deleted=True)}


def test_a_name_that_is_not_graphs_is_an_error(tmp_path: Path) -> None:
    file = saved(tmp_path, {"devices": [{"id": "d1", "serial_number": "SN1"}]})

    with pytest.raises(ValueError, match="serial_number"):
        tenant.load(file)


def test_an_id_used_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match="d1"):
        Tenant([Device(id="d1"), Device(id="d1")])


def test_an_empty_file_is_an_empty_tenant(tmp_path: Path) -> None:
    read = tenant.load(saved(tmp_path, {}))

    assert (read.devices, read.users) == ({}, {})


def test_an_unassignment_takes_effect_when_it_is_due() -> None:
    content = Tenant([Device(id="d1", user_principal_name=ADA)])
    content.unassign("d1", Assignment.USER, at=NOW)

    content.sweep(NOW - timedelta(microseconds=1))
    before = content.devices["d1"].user_principal_name
    content.sweep(NOW)

    assert (before, content.devices["d1"].user_principal_name) == (ADA, "")


def test_user_and_resource_account_end_apart() -> None:
    content = Tenant([Device(id="d1", user_principal_name=ADA, resource_name="room")])
    content.unassign("d1", Assignment.RESOURCE_ACCOUNT, at=NOW)
    content.unassign("d1", Assignment.USER, at=NOW + timedelta(hours=1))

    content.sweep(NOW)

    assert content.devices["d1"].resource_name == ""
    assert content.devices["d1"].user_principal_name == ADA


def test_what_was_due_to_a_removed_device_is_forgotten() -> None:
    content = Tenant([Device(id="d1", user_principal_name=ADA)])
    content.unassign("d1", Assignment.USER, at=NOW)
    content.remove("d1")
    content.add(Device(id="d1", user_principal_name=ADA))

    content.sweep(NOW)

    assert content.devices["d1"].user_principal_name == ADA
