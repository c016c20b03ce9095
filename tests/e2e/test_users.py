from cli.parts import USER_OFFBOARDING
from emulators.graph.tenant import User
from tests.e2e import people
from tests.e2e.people import Person
from tests.e2e.site import Site
from tests.e2e.watching import details, lines


def left_by_id(site: Site, leaver: Person) -> str:
    return site.send(USER_OFFBOARDING, {"user": {"id": leaver.user_object_id}})


def test_a_leaver_is_found_by_object_id_alone(allowing: Site) -> None:
    leaver = allowing.people.take()

    data = allowing.end(left_by_id(allowing, leaver))

    assert lines(data) == {leaver.device: "unassigned"}


def test_a_deleted_leaver_is_found_by_object_id_alone(allowing: Site) -> None:
    leaver = allowing.people.take()
    allowing.graph.tenant.users[leaver.user_object_id].deleted = True

    data = allowing.end(left_by_id(allowing, leaver))

    assert lines(data) == {leaver.device: "unassigned"}


def test_a_former_name_that_somebody_else_holds_now_is_left_alone_and_reported(allowing: Site) -> None:
    leaver, heir = allowing.people.take(), allowing.people.take()
    former = f"former.{heir.device[-6:]}@{people.PRIVATE}.example"
    allowing.graph.tenant.users["heir"] = User(id="heir", user_principal_name=former)
    allowing.graph.tenant.assign_user(heir.device, former)
    allowing.let_list_grow_old()

    data = allowing.end(
        allowing.left(leaver, user={"id": leaver.user_object_id, "previousUserPrincipalNames": [former]})
    )

    assert lines(data)[leaver.device] == "unassigned"
    assert allowing.user_of(heir.device) == former
    assert "userPrincipalNameReused" in details(data)


def test_an_object_id_that_nobody_has_is_not_resolvable(allowing: Site) -> None:
    message = allowing.send(USER_OFFBOARDING, {"user": {"id": "ffffffff-0000-4000-8000-000000000000"}})

    assert allowing.end(message)["deadLetterReason"] == allowing.settlement(message) == "UserNotResolvable"


def test_an_object_id_alone_is_not_enough_where_users_may_not_be_looked_up(site: Site) -> None:
    leaver = site.people.take()

    message = left_by_id(site, leaver)

    assert site.end(message)["deadLetterReason"] == site.settlement(message) == "UserNotResolvable"
    assert not [call for call in site.graph.calls if "/users" in call.path]
    assert site.user_of(leaver.device) == leaver.name
