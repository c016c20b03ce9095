"""What a look must not take for verified, must not lose sight of, and must not clear any more."""

from datetime import timedelta
from typing import Any

import pytest

from shared import ports
from shared.domain import errors
from shared.domain.identifiers import EntraDeviceId, ManagedDeviceId, UserObjectId, UserPrincipalName
from tests import builders
from tests.fakes import FakeUsers
from tests.scene import VERIFY_AFTER, Scene

VERIFIED, UNVERIFIED = "autopilot.unassignment.verified", "autopilot.unassignment.unverified"


def last_type(scene: Scene) -> str:
    return str(scene.publisher.published[-1].application_properties["type"])


def leaver(name: str) -> ports.User:
    return ports.User(
        user_object_id=UserObjectId(builders.LEAVER_ID), user_principal_name=UserPrincipalName(name), deleted=False
    )


@pytest.mark.parametrize(
    ("key", "afterwards"),
    [
        ({"managedDeviceId": "m1"}, {"managed_device_id": None}),
        ({"entraDeviceId": "e1"}, {"entra_device_id": EntraDeviceId("e2")}),
    ],
    ids=str,
)
@pytest.mark.parametrize("clears", [True, False])
async def test_a_retired_device_that_loses_its_key_is_still_looked_at(
    key: dict[str, str], afterwards: dict[str, Any], clears: bool
) -> None:
    ids = {"managed_device_id": ManagedDeviceId("m1"), "entra_device_id": EntraDeviceId("e1")}
    scene = Scene(builders.device(**ids))
    scene.graph.lagging = not clears
    await scene.retire(body={"device": key})
    scene.graph.put(builders.device(user=None if clears else builders.LEAVER, **{**ids, **afterwards}))

    await scene.look_until_the_end()

    assert scene.outcomes() == {"d1": "verified" if clears else "unverified"}
    assert last_type(scene) == (VERIFIED if clears else UNVERIFIED)


async def test_a_leaver_who_is_renamed_after_the_run_is_not_taken_for_somebody_new() -> None:
    users = FakeUsers(leaver(builders.LEAVER))
    scene = Scene(builders.device(), users=users)
    scene.graph.lagging = True
    await scene.offboard(body={"user": {"id": builders.LEAVER_ID}})
    users.users = [leaver("left-leaver@contoso.com")]

    await scene.look_until_the_end()

    assert scene.outcomes() == {"d1": "unverified"}
    assert len(scene.posted) == 4


async def test_a_renamed_leavers_old_name_that_somebody_else_took_is_left_alone() -> None:
    users = FakeUsers(leaver(builders.LEAVER))
    scene = Scene(builders.device(), users=users)
    await scene.offboard(body={"user": {"id": builders.LEAVER_ID}})
    newcomer = ports.User(
        user_object_id=UserObjectId(builders.SUCCESSOR_ID), user_principal_name=UserPrincipalName(builders.LEAVER)
    )
    users.users = [leaver("left-leaver@contoso.com"), newcomer]
    scene.graph.put(builders.device())

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    (line,) = scene.reports[-1]["devices"]
    assert (line["outcome"], line["detail"]) == ("unverified", "userPrincipalNameReused"), (
        "it may never have been clear"
    )
    assert last_type(scene) == UNVERIFIED


async def test_a_look_whose_run_never_ended_and_changed_nothing_verifies_nothing() -> None:
    scene = Scene()
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()
    await scene.look_again()

    while not scene.publisher.published:
        await scene.deliver_the_copy()

    assert last_type(scene) == UNVERIFIED
    assert scene.reports[-1]["deadLetterReason"] == "UnassignmentNotConfirmed"


async def test_a_device_that_a_look_found_and_may_not_touch_is_not_forgotten_by_the_next() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.listed = [builders.device("d1")]
    await scene.offboard()
    scene.graph.listed = None
    scene.go_dry()

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "verified", "d2": "unverified"}


async def test_a_look_a_month_late_clears_nobody_who_was_assigned_again() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.graph.put(builders.device())
    scene.clock.advance(days=30)

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    assert last_type(scene) == UNVERIFIED


async def test_a_look_at_a_run_that_ended_late_still_unassigns_again() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    old = scene.clock.now() - timedelta(days=6, hours=23, minutes=59)
    await scene.offboard(body=builders.offboarded_body(occurredAt=old.isoformat()))

    await scene.look_again()

    assert len(scene.posted) == 2


async def test_a_look_at_a_released_run_leaves_who_was_assigned_again_since_it_was_seen_clear() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.lagging = True
    await scene.release()
    await scene.replay()
    scene.graph.clear("d1")
    await scene.look_again()
    scene.graph.put(builders.device("d1"))

    await scene.look_until_the_end()

    assert sorted(set(scene.posted[2:])) == ["d2"]
    assert scene.outcomes() == {"d1": "assignedToSomeoneElse", "d2": "unverified"}


@pytest.mark.parametrize(("clears", "expected"), [(True, "verified"), (False, "unverified")])
async def test_a_look_by_a_process_whose_clock_is_a_little_behind_reads_the_record(clears: bool, expected: str) -> None:
    scene = Scene(builders.device(), verify_attempts=1)
    scene.graph.lagging = not clears
    await scene.offboard()
    (look,) = scene.settler.verifications
    scene.clock.advance(seconds=VERIFY_AFTER.total_seconds() - 1)

    await scene.processor.verification(builders.delivery(look))

    assert scene.outcomes() == {"d1": expected}


async def test_a_record_is_marked_clear_as_of_its_read() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    read_at = scene.settler.verifications[-1].enqueue_at
    scene.script.before("journal.append.clear", lambda: scene.clock.advance(seconds=9))
    scene.script.before("graph.get", lambda: scene.clock.advance(seconds=9))

    await scene.look_again()

    (mark,) = [entry for entry in scene.journal.entries if entry.step.value == "clear"]
    assert mark.at == read_at


async def test_a_retired_device_that_appears_after_the_run_is_reported_and_not_touched() -> None:
    scene = Scene()
    await scene.retire()
    assert scene.reports[-1]["devices"][0]["outcome"] == "notFound"
    scene.graph.put(builders.device("d1", builders.SUCCESSOR))

    await scene.look_until_the_end()

    assert scene.posted == []
    (line,) = scene.reports[-1]["devices"]
    assert (line["outcome"], line["detail"]) == ("assignedToSomeoneElse", "appearedSince")
    assert line["before"]["userPrincipalName"] == builders.SUCCESSOR


async def test_a_device_cleared_and_given_on_the_same_day_is_cleared_for_the_second_leaver_too() -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=builders.offboarded_body(occurredAt="2026-11-22T00:00:00Z"))
    await scene.look_until_the_end()
    scene.graph.put(builders.device(user=builders.SUCCESSOR))

    body = {"user": {"userPrincipalName": builders.SUCCESSOR}, "occurredAt": "2026-11-22T00:00:00Z"}
    await scene.offboard(message_id="message-2", body=body)

    assert scene.posted == ["d1", "d1"]
