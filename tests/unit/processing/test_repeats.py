"""Rule 6: duplicates, repeats and replays never do more than one delivery would have done."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.scene import Scene

EVENT = builders.offboarded_body(eventId="e-1")


def held_until(scene: Scene, call: str) -> tuple[asyncio.Event, asyncio.Event]:
    """Hold a call: the first event tells that it began, the second lets it go."""
    began, go = asyncio.Event(), asyncio.Event()

    async def wait() -> None:
        began.set()
        await go.wait()

    scene.script.before(call, wait)
    return began, go


@pytest.mark.parametrize("again", ["message-1", "message-2"], ids=["the same message", "a new message id"])
async def test_an_event_delivered_again_is_reported_again_alike_and_done_once(again: str) -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=EVENT)
    scene.graph.put(builders.device("d9"))
    scene.clock.advance(days=1)
    await scene.offboard(body=EVENT, message_id=again)

    assert scene.posted == ["d1"]
    assert scene.settlements == [Complete(), Complete()]
    first, second = scene.publisher.published
    assert first == second


async def test_three_deliveries_of_one_event_at_once_have_one_effect_and_one_report() -> None:
    scene = Scene(builders.device())
    began, go = held_until(scene, "graph.unassign")

    first = asyncio.create_task(scene.offboard(body=EVENT))
    await began.wait()
    await scene.offboard(body=EVENT, lock_token="lock-2", delivery_count=2)
    await scene.offboard(body=EVENT, message_id="message-3", lock_token="lock-3")
    go.set()
    await first
    copies = scene.settler.scheduled
    assert [(copy.message_id, copy.application_properties["attempt"]) for copy in copies] == [
        ("message-1:1", 1),
        ("message-3:1", 1),
    ]
    await scene.deliver_the_copy()

    assert scene.posted == ["d1"]
    assert set(scene.settlements) == {Complete()}
    assert len({publication.document for publication in scene.publisher.published}) == 1


async def test_two_processes_at_once_agree_on_one_report() -> None:
    scene = Scene(builders.device())
    other = scene.another_process()
    began, go = held_until(scene, "journal.conclude")

    first = asyncio.create_task(scene.offboard(body=EVENT))
    await began.wait()
    scene.clock.advance(minutes=1)
    await other.user_offboarding(builders.Trigger(body=EVENT, message_id="message-2"))
    go.set()
    await first

    assert scene.posted == ["d1"]
    assert len({publication.document for publication in scene.publisher.published}) == 1
    assert len(scene.journal.conclusions) == 1


async def test_a_dead_letter_delivered_again_is_one_again() -> None:
    scene = Scene()
    body = {"user": {"id": builders.LEAVER_ID}}

    await scene.offboard(body=body)
    await scene.offboard(body=body, delivery_count=2)

    assert scene.settlements[0] == scene.settlements[1]
    assert isinstance(scene.settlements[0], DeadLetter)
    assert scene.publisher.published[0] == scene.publisher.published[1]


async def test_a_body_that_is_no_event_is_reported_alike_each_time() -> None:
    scene = Scene()

    await scene.offboard(body=b"{")
    scene.clock.advance(minutes=5)
    await scene.offboard(body=b"{", delivery_count=2)

    assert scene.publisher.published[0] == scene.publisher.published[1]


async def test_a_replay_is_a_run_of_its_own_under_the_same_event_id() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphPermissionDenied("403"))
    await scene.offboard()

    await scene.offboard(message_id="message-1:r1", application_properties={"replay": 1})

    assert [(report["eventId"], report["run"], report["outcome"]) for report in scene.reports] == [
        ("message-1", 0, "failed"),
        ("message-1", 1, "unassigned"),
    ]
    assert scene.publisher.published[1].event_id == "message-1:1:autopilot.unassignment.completed"


OTHERS: dict[str, dict[str, Any]] = {
    "another user": {"user": {"userPrincipalName": "other@contoso.com"}, "eventId": "e-1"},
    "the same user by id as well": {"user": {**EVENT["user"], "id": builders.LEAVER_ID}, "eventId": "e-1"},
}


@pytest.mark.parametrize("body", list(OTHERS.values()), ids=list(OTHERS))
async def test_an_event_id_used_for_something_else_is_an_invalid_message(body: dict[str, Any]) -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", "other@contoso.com"))
    await scene.offboard(body=EVENT)

    await scene.offboard(body=body, message_id="message-2")
    await scene.offboard(body=body, message_id="message-2", delivery_count=2)

    for end in scene.settlements[1:]:
        assert isinstance(end, DeadLetter)
        assert end.reason is Reason.INVALID_MESSAGE
        assert end.description.startswith("$.eventId: was used")
    assert scene.posted == ["d1"]


async def test_an_event_id_whose_event_found_no_device_is_used_up_too() -> None:
    scene = Scene(builders.device(user=builders.SUCCESSOR))
    await scene.offboard(body=builders.offboarded_body(eventId="e1"))

    other = {"eventId": "e1", "user": {"userPrincipalName": builders.SUCCESSOR}}
    await scene.offboard(body=other, message_id="m2")

    assert scene.reports[-1]["deadLetterReason"] == "InvalidMessage"
    assert scene.posted == []


async def test_a_body_that_was_no_event_uses_up_no_event_id() -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=b"{", message_id="e-1")

    await scene.offboard(body=EVENT, message_id="message-2")

    assert scene.settlements[-1] == Complete()
    assert scene.posted == ["d1"]


async def test_messages_without_an_id_are_events_of_their_own_in_each_queue() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", "other@contoso.com"))

    await scene.offboard(message_id="", sequence_number=7)
    await scene.retire(message_id="", sequence_number=7, body={"device": {"autopilotDeviceId": "d2"}})

    assert scene.settlements == [Complete(), Complete()]
    assert scene.posted == ["d1", "d2"]


@pytest.mark.parametrize("seconds", [0, 1])
async def test_an_event_id_stands_for_one_event_for_message_max_age(seconds: int) -> None:
    scene = Scene(builders.device())
    await scene.offboard(body=EVENT)
    scene.clock.at += builders.RULES.message_max_age + timedelta(seconds=seconds)

    await scene.offboard(body=EVENT, message_id="message-2", enqueued_time_utc=scene.clock.now())

    end = scene.settlements[-1]
    said = end.description if isinstance(end, DeadLetter) else ""
    too_old = "$.eventId: was used by an event that ended long ago: give each event its own id"
    assert said == (too_old if seconds else "")
