import json
from pathlib import Path

import pytest

from cli import tenant_file


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("[]", "$: must be an object with devices and users"),
        ('"x"', "$: must be an object"),
        ("{", "Expecting property name"),
        ("[" * 100_000, "recursion"),
        ('{"device": []}', "$: has 'device', and may have devices and users only"),
        ('{"devices": {}}', "$.devices: must be an array"),
        ('{"devices": [1]}', "$.devices[0]: must be an object"),
        ('{"devices": [{"id": "d1"}, {}]}', "$.devices[1].id: must be a text"),
        ('{"devices": [{"id": "d1", "serialNumber": 7}]}', "$.devices[0].serialNumber: must be a text or null"),
        ('{"devices": [{"id": "d1", "nonsense": "x"}]}', "nonsense"),
        ('{"devices": [{"id": "d1"}, {"id": "d1"}]}', "two devices have the id d1"),
        ('{"users": [{"id": "u1"}]}', "$.users[0].userPrincipalName: must be a text"),
        (
            '{"users": [{"id": "u1", "userPrincipalName": "a@x.example", "deleted": "no"}]}',
            "$.users[0].deleted: must be true or false",
        ),
    ],
    ids=[
        "an array",
        "a text",
        "no JSON",
        "too deep",
        "an unknown key at the top",
        "no array",
        "a number for a device",
        "no id",
        "a number for a text",
        "an unknown key of a device",
        "an id twice",
        "a user without a name",
        "a text for a flag",
    ],
)
def test_a_file_that_holds_no_tenant_is_told_by_the_place(tmp_path: Path, content: str, says: str) -> None:
    file = tmp_path / "tenant.json"
    file.write_text(content, encoding="utf-8")

    with pytest.raises(tenant_file.NoTenant) as problem:
        tenant_file.load(file)

    assert says in str(problem.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(tenant_file.NoTenant, match="No such file"):
        tenant_file.load(tmp_path / "nowhere.json")


def test_devices_and_users_are_read_by_graphs_names(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    user = {"id": "u1", "userPrincipalName": "a@x.example", "deleted": True}
    document = {"devices": [{"id": "d1", "serialNumber": "SN-1", "groupTag": None}], "users": [user]}
    file.write_text(json.dumps(document), encoding="utf-8")

    tenant = tenant_file.load(file)

    assert (tenant.devices["d1"].serial_number, tenant.devices["d1"].group_tag) == ("SN-1", None)
    assert tenant.deleted_user("u1") is not None
