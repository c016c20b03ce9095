"""A leaver's devices: which are found, which are touched, and what is told of each."""

from typing import Any

import pytest

from shared import ports
from shared.domain import errors
from shared.domain.guard import Guard
from shared.domain.history import Step
from shared.domain.identifiers import UserObjectId, UserPrincipalName
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.fakes import FakeUsers
from tests.scene import Scene

SUCCESSOR = builders.SUCCESSOR


def reason(scene: Scene) -> Reason:
    decision = scene.settlements[-1]
    assert isinstance(decision, DeadLetter)
    return decision.reason


async def test_of_three_listed_devices_one_given_on_and_one_clear_exactly_one_is_posted_and_all_are_told_truly() -> (
    None
):
    scene = Scene(builders.device("theirs"), builders.device("given-on", SUCCESSOR), builders.device("clear", None))
    scene.graph.listed = [builders.device("theirs"), builders.device("given-on"), builders.device("clear")]

    await scene.offboard()

    assert scene.posted == ["theirs"]
    assert scene.outcomes() == {
        "theirs": "unassigned",
        "given-on": "assignedToSomeoneElse",
        "clear": "alreadyUnassigned",
    }
    assert scene.settlements == [Complete()]
    assert scene.reports[0]["outcome"] == "assignedToSomeoneElse"


async def test_each_post_follows_a_read_by_id_and_an_intent() -> None:
    scene = Scene(builders.device())

    await scene.offboard()

    assert scene.script.trail == [
        "journal.read",
        "graph.directory",
        "graph.get",
        "journal.read",
        "journal.append.intent",
        "graph.unassign",
        "journal.append.accepted",
        "journal.read",
        "schedule.verification",
        "journal.conclude",
        "publish",
        "settle",
    ]
    assert [each.step for each in scene.journal.entries] == [Step.INTENT, Step.ACCEPTED]
    assert {each.device for each in scene.journal.entries} == {builders.device()}


async def test_a_leaver_without_devices_is_a_success_that_says_so() -> None:
    scene = Scene(builders.device("d1", SUCCESSOR), builders.device("d2", None))

    await scene.offboard()

    assert scene.settlements == [Complete()]
    assert (scene.reports[0]["outcome"], scene.reports[0]["devices"], scene.posted) == ("noDevices", [], [])


async def test_a_device_that_is_gone_by_now_is_told_as_not_found() -> None:
    scene = Scene()
    scene.graph.listed = [builders.device()]

    await scene.offboard()

    assert scene.outcomes() == {"d1": "notFound"}
    assert scene.settlements == [Complete()]


async def test_one_devices_failure_leaves_the_others_done_and_the_next_attempt_does_only_that_one() -> None:
    scene = Scene(*(builders.device(f"d{number}") for number in range(1, 6)))
    scene.script.fail("graph.unassign", errors.GraphUnavailable("503"))

    await scene.offboard()
    done = list(scene.posted)
    await scene.deliver_the_copy()

    assert len(done) == 4
    assert sorted(scene.posted) == ["d1", "d2", "d3", "d4", "d5"]
    assert scene.outcomes() == dict.fromkeys(["d1", "d2", "d3", "d4", "d5"], "unassigned")
    assert scene.settlements == [Complete(), Complete()]
    assert len(scene.reports) == 1


async def test_devices_seen_by_an_earlier_attempt_are_told_though_no_list_has_them_any_more() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("locked"))

    await scene.offboard()
    scene.graph.listed = []
    scene.clock.advance(minutes=11)
    await scene.deliver_the_copy()

    assert scene.outcomes() == {"d1": "unassigned"}
    assert scene.posted == ["d1"]


async def test_rule_3_a_former_name_that_somebody_holds_now_is_left_alone_and_told() -> None:
    former = UserPrincipalName("maiden@contoso.com")
    holder = ports.User(user_object_id=UserObjectId(builders.SUCCESSOR_ID), user_principal_name=former)
    scene = Scene(builders.device("d1"), builders.device("d2", former), users=FakeUsers(holder))
    user = {"userPrincipalName": builders.LEAVER, "previousUserPrincipalNames": [former]}

    await scene.offboard(body={"user": user})

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "unassigned", "d2": "assignedToSomeoneElse"}
    assert scene.reports[0]["devices"][0]["detail"] == "userPrincipalNameReused"


async def test_rule_3_a_leaver_with_no_name_left_touches_nobody_even_where_the_list_is_stale() -> None:
    holder = ports.User(
        user_object_id=UserObjectId(builders.SUCCESSOR_ID), user_principal_name=UserPrincipalName(builders.LEAVER)
    )
    scene = Scene(builders.device("d1", "third@contoso.com"), builders.device("d2"), users=FakeUsers(holder))
    scene.graph.listed = [builders.device("d1"), builders.device("d2")]

    await scene.offboard(body={"user": {"id": builders.LEAVER_ID, "userPrincipalName": builders.LEAVER}})

    assert scene.posted == []
    assert set(scene.outcomes().values()) == {"assignedToSomeoneElse"}


@pytest.mark.parametrize(
    ("guard", "expected"),
    [
        pytest.param({"protected_users": ["leaver.*"]}, Reason.PROTECTED_USER, id="protected user"),
        pytest.param({"protected_serial_numbers": ["*-d2"]}, Reason.PROTECTED_DEVICE, id="protected serial number"),
        pytest.param({"protected_group_tags": ["kiosk"]}, Reason.PROTECTED_DEVICE, id="protected group tag"),
        pytest.param({"max_devices_per_user": 1}, Reason.TOO_MANY_DEVICES, id="too many devices"),
    ],
)
async def test_what_is_guarded_is_refused_before_anything_is_touched(guard: dict[str, Any], expected: Reason) -> None:
    scene = Scene(
        builders.device("d1"),
        builders.device("d2", group_tag="Kiosk"),
        guard=Guard(**{"max_devices_per_user": 10, **guard}),
    )

    await scene.offboard()

    assert reason(scene) is expected
    assert "graph.get" not in scene.script.trail
    assert scene.reports[0]["outcome"] == "failed"


async def test_devices_of_an_earlier_attempt_count_towards_the_limit() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"), guard=Guard(max_devices_per_user=2))
    scene.script.fail("journal.conclude", errors.JournalUnavailable("locked"))
    await scene.offboard()
    scene.graph.put(builders.device("d3"))

    await scene.deliver_the_copy()

    assert reason(scene) is Reason.TOO_MANY_DEVICES
    assert scene.posted == ["d1", "d2"]


async def test_a_device_that_came_under_protection_after_the_scan_is_refused() -> None:
    scene = Scene(
        builders.device(group_tag="kiosk"), guard=Guard(max_devices_per_user=9, protected_group_tags=["kiosk"])
    )
    scene.graph.listed = [builders.device()]

    await scene.offboard()

    assert reason(scene) is Reason.PROTECTED_DEVICE
    assert scene.posted == []


async def test_a_user_who_is_not_resolvable_is_dead_lettered() -> None:
    scene = Scene(builders.device())

    await scene.offboard(body={"user": {"id": builders.LEAVER_ID}})

    assert reason(scene) is Reason.USER_NOT_RESOLVABLE
