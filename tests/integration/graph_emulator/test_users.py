from collections.abc import Callable

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import User

Start = Callable[..., GraphEmulator]
ID = "0b0b7e1c-1111-4222-8333-444455556666"
GUEST = "ada_fabrikam.example#EXT#@contoso.example"


@pytest.mark.parametrize("key", [ID, GUEST.replace("#", "%23"), GUEST.upper().replace("#", "%23")])
def test_a_user_is_found_by_id_or_name(start: Start, http: httpx.Client, key: str) -> None:
    graph = start(users=[User(id=ID, user_principal_name=GUEST)])

    shown = http.get(f"{graph.endpoint}/v1.0/users/{key}").json()

    assert (shown["id"], shown["userPrincipalName"]) == (ID, GUEST)


def test_select_works_on_users(start: Start, http: httpx.Client) -> None:
    graph = start(users=[User(id=ID, user_principal_name=GUEST)])

    shown = http.get(f"{graph.endpoint}/v1.0/users/{ID}?$select=userPrincipalName,mail").json()

    assert {name for name in shown if not name.startswith("@")} == {"userPrincipalName"}


@pytest.mark.parametrize(
    "path", [f"{ID}/microsoft.graph.user", f"microsoft.graph.user/{ID}", f"{ID}/graph.user"], ids=["cast", "doc", "SDK"]
)
def test_a_deleted_users_name_begins_with_the_id(start: Start, http: httpx.Client, path: str) -> None:
    graph = start(users=[User(id=ID, user_principal_name="ada@contoso.example", deleted=True)])

    shown = http.get(f"{graph.endpoint}/v1.0/directory/deletedItems/{path}").json()

    assert shown["userPrincipalName"] == "0b0b7e1c111142228333444455556666ada@contoso.example"


def test_a_deleted_user_is_not_among_the_users(start: Start, http: httpx.Client) -> None:
    graph = start(users=[User(id=ID, user_principal_name="ada@contoso.example", deleted=True)])

    answers = [http.get(f"{graph.endpoint}/v1.0/users/{key}") for key in (ID, "ada@contoso.example")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].json()["error"]["code"] == "Request_ResourceNotFound"


def test_a_user_who_was_not_deleted_is_not_among_the_deleted(start: Start, http: httpx.Client) -> None:
    graph = start(users=[User(id=ID, user_principal_name="ada@contoso.example")])

    answer = http.get(f"{graph.endpoint}/v1.0/directory/deletedItems/{ID}/microsoft.graph.user")

    assert answer.status_code == 404


def test_a_name_may_have_a_new_holder(start: Start, http: httpx.Client) -> None:
    gone = User(id=ID, user_principal_name="ada@contoso.example", deleted=True)
    graph = start(users=[gone, User(id="new", user_principal_name="ada@contoso.example")])

    assert http.get(f"{graph.endpoint}/v1.0/users/ada@contoso.example").json()["id"] == "new"
