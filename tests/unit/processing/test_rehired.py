"""An event that is older than an assignment which we know of does not clear it, and its outcome says so."""

from typing import Any

import pytest

from tests import builders
from tests.scene import Scene

FRIDAY, SATURDAY, MONDAY = "2026-11-20T09:00:00Z", "2026-11-21T09:00:00Z", "2026-11-23T09:00:00Z"


async def cleared_and_verified(scene: Scene) -> None:
    """One event clears the device and a look finds it clear; then the leaver is rehired and gets it back."""
    await scene.offboard(message_id="newer", body=builders.offboarded_body(occurredAt=SATURDAY))
    await scene.look_until_the_end()
    assert scene.outcomes() == {"d1": "verified"}
    scene.graph.put(builders.device())


@pytest.mark.parametrize("fields", [{"occurredAt": FRIDAY}, {"occurredAt": SATURDAY}, {"effectiveAt": FRIDAY}], ids=str)
async def test_an_older_event_leaves_a_rehired_users_device_alone(fields: dict[str, Any]) -> None:
    scene = Scene(builders.device())
    await cleared_and_verified(scene)

    await scene.offboard(message_id="older", body=builders.offboarded_body(**fields))

    assert scene.posted == ["d1"]
    (line,) = scene.reports[-1]["devices"]
    assert (line["outcome"], line["detail"]) == ("assignedToSomeoneElse", "assignedAfterTheEvent")
    assert line["before"]["userPrincipalName"] == builders.LEAVER
    await scene.look_until_the_end()
    assert scene.posted == ["d1"], "no look clears it either"


async def test_the_same_event_replayed_leaves_it_alone_too() -> None:
    scene = Scene(builders.device())
    await cleared_and_verified(scene)

    await scene.offboard(
        message_id="newer:r1",
        body=builders.offboarded_body(occurredAt=SATURDAY),
        application_properties={"replay": 1},
    )

    assert scene.posted == ["d1"]


async def test_a_newer_event_clears_it() -> None:
    scene = Scene(builders.device())
    await cleared_and_verified(scene)
    scene.clock.advance(days=2)

    await scene.offboard(message_id="leaves again", body=builders.offboarded_body(occurredAt=MONDAY))

    assert scene.posted == ["d1", "d1"]


async def test_an_operator_who_releases_the_event_knows_better() -> None:
    scene = Scene(builders.device())
    await cleared_and_verified(scene)
    await scene.release(event="user.offboarded:newer")

    await scene.replay(message_id="newer:r1", body=builders.offboarded_body(occurredAt=SATURDAY))

    assert scene.posted == ["d1", "d1"]


async def test_what_was_not_seen_clear_says_nothing_about_later_assignments() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard(message_id="newer", body=builders.offboarded_body(occurredAt=SATURDAY))
    await scene.look_until_the_end()

    await scene.offboard(message_id="older", body=builders.offboarded_body(occurredAt=FRIDAY))

    assert scene.outcomes() == {"d1": "unassigned"}


async def test_a_stale_replay_of_a_retirement_never_unassigns_the_new_owner() -> None:
    scene = Scene(builders.device())
    await scene.retire(message_id="m", delivery_count=10)
    scene.clock.advance(days=30)
    scene.graph.put(builders.device("d1", builders.SUCCESSOR))

    await scene.retire(message_id="m:r1", application_properties={"replay": 1})

    assert scene.posted == ["d1"]


async def test_a_replay_of_what_never_saw_the_device_is_stale_by_its_first_arrival() -> None:
    scene = Scene(builders.device("d1", builders.SUCCESSOR))
    arrived = scene.clock.now()
    scene.clock.advance(days=30)

    await scene.retire(
        message_id="m:r1",
        enqueued_time_utc=scene.clock.now(),
        application_properties={"replay": 1, "firstEnqueuedAt": arrived.isoformat()},
    )

    assert scene.posted == []
    assert scene.reports[-1]["deadLetterReason"] == "StaleMessage"
