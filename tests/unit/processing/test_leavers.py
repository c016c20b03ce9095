"""Who the leaver is: their names, and the names that somebody else holds now."""

import pytest

from shared import ports
from shared.domain.errors import UserNotResolvable
from shared.domain.identifiers import UserObjectId, UserPrincipalName
from shared.leavers import Leaver, Leavers
from tests import builders
from tests.fakes import FakeUsers

CURRENT, FORMER = UserPrincipalName(builders.LEAVER), UserPrincipalName("maiden@contoso.com")
ID, OTHER_ID = UserObjectId(builders.LEAVER_ID), UserObjectId(builders.SUCCESSOR_ID)


def user(name: str = CURRENT, user_id: str = ID, *, deleted: bool = False) -> ports.User:
    return ports.User(
        user_object_id=UserObjectId(user_id), user_principal_name=UserPrincipalName(name), deleted=deleted
    )


BY_ID = builders.offboarded(user_principal_name=None, user_object_id=ID)
BY_BOTH = builders.offboarded(user_object_id=ID)
BY_NAMES = builders.offboarded(previous_user_principal_names=(FORMER,))
BY_FORMER = builders.offboarded(user_principal_name=None, previous_user_principal_names=(FORMER,))


async def test_without_graph_to_ask_the_senders_word_counts() -> None:
    leaver = await Leavers(None).identify(BY_NAMES)

    assert leaver == Leaver(names=(CURRENT, FORMER))


async def test_a_name_given_twice_counts_once() -> None:
    twice = builders.offboarded(previous_user_principal_names=(CURRENT.upper(), FORMER))

    assert (await Leavers(None).identify(twice)).names == (CURRENT, FORMER)


async def test_an_id_alone_is_not_resolvable_where_users_are_not_looked_up() -> None:
    with pytest.raises(UserNotResolvable, match="RESOLVE_USERS"):
        await Leavers(None).identify(BY_ID)


async def test_an_id_alone_is_not_resolvable_if_graph_knows_no_such_user() -> None:
    with pytest.raises(UserNotResolvable, match="no such user"):
        await Leavers(FakeUsers()).identify(BY_ID)


@pytest.mark.parametrize("deleted", [False, True])
async def test_an_id_leads_to_the_name_of_a_user_deleted_or_not(deleted: bool) -> None:
    leaver = await Leavers(FakeUsers(user(deleted=deleted))).identify(BY_ID)

    assert leaver == Leaver(names=(CURRENT,), user_object_id=ID)


async def test_the_name_that_graph_knows_is_added_to_those_given() -> None:
    renamed = UserPrincipalName("renamed@contoso.com")

    leaver = await Leavers(FakeUsers(user(renamed))).identify(BY_BOTH)

    assert leaver.names == (renamed, CURRENT)


async def test_rule_3_a_given_name_that_somebody_else_holds_now_is_set_aside() -> None:
    users = FakeUsers(user(), user(FORMER, OTHER_ID))

    leaver = await Leavers(users).identify(builders.offboarded(previous_user_principal_names=(FORMER,)))

    assert (leaver.names, leaver.reused) == ((CURRENT,), (FORMER,))


async def test_rule_3_the_name_of_a_deleted_leaver_may_have_gone_to_somebody_new() -> None:
    users = FakeUsers(user(deleted=True), user(CURRENT, OTHER_ID))

    leaver = await Leavers(users).identify(BY_ID)

    assert (leaver.names, leaver.reused) == ((), (CURRENT,))


async def test_a_leaver_long_gone_whose_name_nobody_holds_keeps_it() -> None:
    assert (await Leavers(FakeUsers()).identify(BY_BOTH)).names == (CURRENT,)


async def test_a_leaver_long_gone_whose_name_somebody_holds_has_none_left() -> None:
    leaver = await Leavers(FakeUsers(user(CURRENT, OTHER_ID))).identify(BY_BOTH)

    assert (leaver.names, leaver.reused) == ((), (CURRENT,))


async def test_without_an_id_the_current_name_says_who_the_leaver_is() -> None:
    users = FakeUsers(user(), user(FORMER, ID))

    leaver = await Leavers(users).identify(BY_NAMES)

    assert leaver == Leaver(names=(CURRENT, FORMER), user_object_id=ID)


@pytest.mark.parametrize(
    ("holder", "own", "reused"),
    [(None, (FORMER,), ()), (user(FORMER, OTHER_ID), (), (FORMER,))],
    ids=["nobody holds it → own", "somebody holds it → reused"],
)
async def test_former_names_alone_count_while_nobody_holds_them(
    holder: ports.User | None, own: tuple[str, ...], reused: tuple[str, ...]
) -> None:
    leaver = await Leavers(FakeUsers(*[holder] if holder else [])).identify(BY_FORMER)

    assert (leaver.names, leaver.reused, leaver.user_object_id) == (own, reused, None)


def test_a_leaver_may_be_protected_by_any_name_and_by_id() -> None:
    assert Leaver(names=(CURRENT, FORMER), user_object_id=ID).identities() == (CURRENT, FORMER, ID)
    assert Leaver(names=(CURRENT,)).identities() == (CURRENT,)
