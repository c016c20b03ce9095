"""Users by id and by name."""

import pytest

from emulators.graph.faults import Status, When
from emulators.graph.tenant import User
from shared.domain.errors import GraphPermissionDenied, GraphUnavailable
from shared.domain.identifiers import UserObjectId, UserPrincipalName
from shared.ports import User as Found
from tests.integration.graph.conftest import Start

ID = UserObjectId("7e8d0f4c-0000-4000-8000-00000000000a")
NAME = UserPrincipalName("Alice@contoso.example")
GONE = User(id=ID, user_principal_name=NAME, deleted=True)
HERE = User(id=ID, user_principal_name=NAME)


async def test_a_user_is_found_by_id_whatever_its_case(start: Start) -> None:
    site = await start(users=[HERE])
    site.graph.faults.add(When(path=f"/users/{ID.upper()}"), Status(200, body={"id": ID, "userPrincipalName": NAME}))

    assert await site.users.by_id(ID) == Found(user_object_id=ID, user_principal_name=NAME)
    assert await site.users.by_id(UserObjectId(ID.upper())) == Found(user_object_id=ID, user_principal_name=NAME)


async def test_a_deleted_user_has_the_name_from_before(start: Start) -> None:
    site = await start(users=[GONE])

    assert await site.users.by_id(ID) == Found(user_object_id=ID, user_principal_name=NAME, deleted=True)
    assert [call.path for call in site.graph.calls] == [f"/users/{ID}", f"/directory/deletedItems/{ID}/graph.user"]


async def test_nobody_is_none(start: Start) -> None:
    site = await start()

    assert await site.users.by_id(ID) is None
    assert await site.users.by_name(NAME) is None


@pytest.mark.parametrize("no_id", ["", "alice@contoso.example", ID.replace("-", ""), f"{{{ID}}}", "..", "me"])
async def test_what_is_no_object_id_is_not_asked_for(start: Start, no_id: str) -> None:
    site = await start(users=[User(id="u", user_principal_name="alice@contoso.example")])

    assert await site.users.by_id(UserObjectId(no_id)) is None
    assert site.asked == []


@pytest.mark.parametrize("name", ["alice@contoso.example", "o'neil@contoso.example", "a_b#EXT#@contoso.example"])
async def test_a_user_is_found_by_name(start: Start, name: str) -> None:
    site = await start(users=[User(id=ID, user_principal_name=name)])

    found = await site.users.by_name(UserPrincipalName(name.upper()))

    assert found == Found(user_object_id=ID, user_principal_name=UserPrincipalName(name))


async def test_a_deleted_user_holds_no_name(start: Start) -> None:
    site = await start(users=[GONE])

    assert await site.users.by_name(NAME) is None
    assert len(site.asked) == 1


@pytest.mark.parametrize("name", ["", "  "])
async def test_an_empty_name_is_nobodys(start: Start, name: str) -> None:
    site = await start(users=[HERE])

    assert await site.users.by_name(UserPrincipalName(name)) is None
    assert site.asked == []


async def test_an_object_id_is_no_name(start: Start) -> None:
    site = await start(users=[HERE])

    assert await site.users.by_name(UserPrincipalName(ID)) is None


async def test_another_user_than_was_asked_for_is_not_believed(start: Start) -> None:
    site = await start(users=[HERE])
    site.graph.faults.add(When(path="/users/"), Status(200, body={"id": "another", "userPrincipalName": NAME}))

    with pytest.raises(GraphUnavailable, match="another user"):
        await site.users.by_id(ID)


async def test_without_the_role_it_is_denied(start: Start) -> None:
    site = await start(users=[HERE], roles=("DeviceManagementServiceConfig.ReadWrite.All",))

    with pytest.raises(GraphPermissionDenied):
        await site.users.by_id(ID)
