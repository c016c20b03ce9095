"""Looks that come too early, twice, or broken; that fail; that are replayed; and what they are known by."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import errors
from shared.messaging.settlement import DeadLetter
from tests import builders, fakes
from tests.builders import SUCCESSOR
from tests.scene import VERIFY_AFTER, Scene

VERIFIED, UNVERIFIED = "autopilot.unassignment.verified", "autopilot.unassignment.unverified"
COMPLETED = "autopilot.unassignment.completed"


async def test_rule_1_a_run_does_not_end_before_its_look_is_durable() -> None:
    scene = Scene(builders.device())
    scene.script.fail("schedule.verification", errors.VerificationNotScheduled("out of reach"))

    await scene.offboard()
    assert scene.publisher.published == []
    await scene.deliver_the_copy()

    assert scene.types() == [COMPLETED]
    assert len(scene.settler.verifications) == 1
    assert scene.posted == ["d1"]


async def test_a_look_that_comes_before_its_run_has_ended_waits() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()

    await scene.look_again()
    assert scene.publisher.published == []
    assert scene.settler.scheduled[-1].original.queue == builders.VERIFICATION
    await scene.deliver(scene.settler.scheduled[0])
    await scene.deliver_the_copy()

    assert scene.types() == [COMPLETED, VERIFIED]


async def test_a_look_whose_run_never_ends_gives_up_waiting_and_verifies_what_was_changed() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()
    await scene.look_again()

    while not scene.publisher.published:
        await scene.deliver_the_copy()

    assert scene.types() == [VERIFIED]
    waited = scene.clock.now() - fakes.NOW - VERIFY_AFTER
    assert timedelta(hours=24) <= waited <= timedelta(hours=24) + 2 * VERIFY_AFTER


async def test_a_look_delivered_twice_is_answered_from_the_record() -> None:
    scene = Scene(builders.device())
    await scene.offboard()

    await scene.look_again()
    await scene.look_again()

    assert scene.ids()[1] == scene.ids()[2]
    assert scene.script.trail.count("graph.get") == 2


async def test_a_look_that_fails_is_tried_again_as_the_same_look() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.script.fail("graph.get", errors.GraphUnavailable("503"))

    await scene.look_again()
    await scene.deliver_the_copy()

    assert scene.types() == [COMPLETED, VERIFIED]
    assert scene.reports[-1]["attempt"] == 1
    assert scene.settler.scheduled[-1].message_id == "user.offboarded:message-1:0:verify:1:1"


async def test_a_look_that_can_not_unassign_again_is_tried_again_as_the_same_look() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    scene.script.fail("graph.unassign", errors.GraphThrottled("429"))

    await scene.look_again()
    assert scene.types() == [COMPLETED], "what failed is not reported as verified"
    scene.graph.lagging = False
    await scene.deliver_the_copy()
    await scene.look_until_the_end()

    assert scene.types() == [COMPLETED, VERIFIED]
    assert scene.outcomes() == {"d1": "verified"}
    assert scene.posted == ["d1", "d1"]


async def test_a_look_that_is_refused_is_unverified_and_dead_lettered_with_that_reason() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.script.fail("graph.get", errors.GraphPermissionDenied("403"))

    await scene.look_again()

    assert scene.types() == [COMPLETED, UNVERIFIED]
    assert scene.reports[-1]["deadLetterReason"] == "GraphPermissionDenied"
    assert scene.reports[-1]["outcome"] == "failed"


async def test_a_replayed_look_begins_again_and_has_an_outcome_of_its_own() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    await scene.look_until_the_end()
    last = scene.settler.verifications[-1]
    scene.graph.lagging = False

    properties = {**last.application_properties, "verify": 1, "replay": 1}
    await scene.deliver(last, message_id=f"{last.message_id}:r1", application_properties=properties)
    await scene.look_until_the_end()

    assert scene.types() == [COMPLETED, UNVERIFIED, VERIFIED]
    assert scene.ids()[-1] == "message-1:0:autopilot.unassignment.verified:r1"
    assert scene.settler.verifications[-1].message_id == "user.offboarded:message-1:0:verify:2:r1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventType": "user.hired"},
        {"eventType": None},
        {"verify": 0},
        {"verify": "1"},
        {"verify": True},
        {"eventRun": -1},
        {"eventRun": None},
        {"eventId": ""},
        {"eventId": 7},
    ],
    ids=str,
)
async def test_a_message_that_is_none_of_ours_is_refused_and_touches_nothing(wrong: dict[str, Any]) -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    (look,) = scene.settler.verifications
    given = {name: value for name, value in {**look.application_properties, **wrong}.items() if value is not None}

    await scene.deliver(look, application_properties=given)

    assert scene.reports[-1]["deadLetterReason"] == "InvalidMessage"
    assert scene.types()[-1] == UNVERIFIED
    assert scene.script.trail.count("graph.get") == 1


async def test_the_same_event_id_in_two_queues_is_verified_twice() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", SUCCESSOR))

    await scene.offboard()
    await scene.retire(body={"device": {"autopilotDeviceId": "d2"}})

    assert len({look.message_id for look in scene.settler.verifications}) == 2


async def test_an_event_whose_id_is_any_text_is_verified_under_the_same_id() -> None:
    scene = Scene(builders.device())

    await scene.offboard(message_id="tab\t and \N{ROCKET}")
    await scene.look_again()

    assert {report["eventId"] for report in scene.reports} == {"tab\t and \N{ROCKET}"}
    assert scene.types() == [COMPLETED, VERIFIED]


async def test_the_verified_event_tells_when_the_event_itself_arrived() -> None:
    scene = Scene(builders.device())
    await scene.offboard()

    await scene.look_again()

    first, second = scene.reports
    assert second["receivedAt"] == first["receivedAt"]
    assert second["handledAt"] > first["handledAt"]


async def test_a_look_delivered_a_second_time_while_it_is_in_hand_is_put_off() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    began, go = asyncio.Event(), asyncio.Event()

    async def held() -> None:
        began.set()
        await go.wait()

    scene.script.before("graph.get", held)
    first = asyncio.create_task(scene.look_again())
    await began.wait()
    await scene.look_again(lock_token="lock-2", delivery_count=2)
    (copy,) = scene.settler.scheduled
    go.set()
    await first

    assert copy.enqueue_at == scene.clock.now() + timedelta(seconds=5)
    assert scene.types() == [COMPLETED, VERIFIED]


async def test_a_look_at_a_run_without_an_end_gives_up_to_the_second() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()
    (look,) = scene.settler.verifications
    scene.clock.advance(hours=24)

    await scene.deliver(look, enqueued_time_utc=fakes.NOW)

    assert scene.types() == [VERIFIED]


async def test_a_look_at_a_run_that_did_nothing_and_never_ended_says_so() -> None:
    scene = Scene()
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()
    (look,) = scene.settler.verifications
    scene.clock.advance(hours=24)

    await scene.deliver(look, enqueued_time_utc=fakes.NOW)

    (*_, end) = scene.settlements
    assert isinstance(end, DeadLetter)
    assert end.description == "the run has not ended, and there is nothing of it to verify"


async def test_a_look_that_comes_message_max_age_after_the_end_still_acts() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    scene.clock.at = fakes.NOW + builders.RULES.message_max_age

    await scene.look_again()

    assert scene.posted == ["d1", "d1"]


async def test_a_replay_of_the_event_is_looked_at_by_itself() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    await scene.look_again()

    await scene.replay(override=None)
    await scene.look_again()

    assert scene.ids()[-1] == "message-1:1:autopilot.unassignment.verified"
