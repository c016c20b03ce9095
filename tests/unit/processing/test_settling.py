"""How each message ends: settled once, by the table, with a report for every end."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from shared.domain import errors
from shared.domain.events import Event
from shared.messaging.conclusion import fingerprint_of_body
from shared.messaging.dead_letters import Reason
from shared.messaging.incoming import IncomingMessage
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from tests import builders
from tests.fakes import NOW
from tests.scene import Scene

DAY = timedelta(days=1)


def body(**fields: Any) -> dict[str, Any]:
    return builders.offboarded_body(**{name: moment.isoformat() for name, moment in fields.items()})


async def test_a_body_that_is_no_json_is_dead_lettered_and_reported_under_its_message_id() -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=b"{")

    assert isinstance(scene.settlements[0], DeadLetter)
    assert scene.settlements[0].reason is Reason.INVALID_MESSAGE
    assert scene.settlements[0].description.startswith("$: must be JSON")
    assert (scene.reports[0]["eventId"], scene.reports[0]["deadLetterReason"]) == ("message-1", "InvalidMessage")
    assert scene.reports[0]["eventType"] == "user.offboarded"


async def test_the_contract_of_a_queue_is_its_own_events() -> None:
    scene = Scene(builders.device())

    await scene.retire(body=builders.offboarded_body())

    assert isinstance(scene.settlements[0], DeadLetter)
    assert scene.settlements[0].description == "$.device: is required"


async def test_a_retry_copy_is_durable_before_its_original_is_completed() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphThrottled("429", retry_after=timedelta(seconds=60)))

    await scene.offboard()

    assert scene.script.trail[-2:] == ["schedule", "settle"]
    assert scene.settlements == [Complete()]
    (copy,) = scene.settler.scheduled
    assert (copy.message_id, copy.application_properties["attempt"]) == ("message-1:1", 2)
    assert copy.enqueue_at == NOW + timedelta(seconds=65)  # what Graph asked for, then half of the first delay
    assert scene.reports == []


async def test_what_is_not_yet_effective_is_put_off_and_handled_then_as_the_first_attempt() -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=body(effectiveAt=NOW + DAY))
    (copy,) = scene.settler.scheduled
    assert (copy.enqueue_at, scene.posted, scene.script.trail) == (NOW + DAY, [], ["schedule", "settle"])
    await scene.deliver_the_copy()

    assert scene.posted == ["d1"]
    assert scene.reports[0]["attempt"] == 1


async def test_a_message_put_off_retried_and_put_off_again_arrives_each_time_under_a_new_id() -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=body(effectiveAt=NOW + DAY))
    scene.script.fail("graph.directory", errors.GraphUnavailable("503"))
    await scene.deliver_the_copy()
    async with scene.processor.runs.in_hand.hold("user.offboarded:message-1"):
        await scene.deliver_the_copy()
    await scene.deliver_the_copy()

    assert [copy.message_id for copy in scene.settler.scheduled] == ["message-1:1", "message-1:2", "message-1:3"]
    assert [copy.application_properties["attempt"] for copy in scene.settler.scheduled] == [1, 2, 2]
    assert scene.settlements == [Complete()] * 4
    assert scene.posted == ["d1"]


@pytest.mark.parametrize(
    ("given", "age", "stale"),
    [
        pytest.param({}, 7 * DAY, False, id="seven days since it was enqueued"),
        pytest.param({}, 7 * DAY + timedelta(seconds=1), True, id="a second more"),
        pytest.param({"occurredAt": NOW - 7 * DAY}, timedelta(seconds=1), True, id="since it occurred"),
        pytest.param({"occurredAt": NOW + DAY}, 7 * DAY, False, id="a later occurredAt counts"),
        pytest.param(
            {"occurredAt": NOW - 30 * DAY, "effectiveAt": NOW}, 7 * DAY, False, id="the later of the two: effectiveAt"
        ),
        pytest.param(
            {"occurredAt": NOW, "effectiveAt": NOW - 30 * DAY}, 7 * DAY, False, id="the later of the two: occurredAt"
        ),
    ],
)
async def test_an_event_older_than_message_max_age_is_stale(given: dict[str, Any], age: timedelta, stale: bool) -> None:
    scene = Scene(builders.device())
    scene.clock.at += age

    await scene.offboard(body=body(**given))

    assert isinstance(scene.settlements[0], DeadLetter) is stale
    assert scene.posted == ([] if stale else ["d1"])
    if stale:
        assert scene.reports[0]["deadLetterReason"] == "StaleMessage"


async def test_a_stale_message_is_told_with_the_day_it_dates_from() -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=body(occurredAt=NOW - 30 * DAY))

    assert isinstance(scene.settlements[0], DeadLetter)
    said = "the event dates from 2026-10-23 and is older than MESSAGE_MAX_AGE"
    assert scene.settlements[0].description == said


async def test_the_age_of_a_copy_counts_from_its_originals_arrival() -> None:
    scene = Scene(builders.device())
    since = (NOW - 8 * DAY).isoformat()

    await scene.offboard(application_properties=builders.of_a_copy(firstEnqueuedAt=since))

    assert scene.reports[0]["deadLetterReason"] == "StaleMessage"


async def test_a_bug_is_abandoned_and_at_the_last_delivery_dead_lettered_and_reported() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", RuntimeError(builders.LEAVER), times=2)

    await scene.offboard(delivery_count=9)
    await scene.offboard(delivery_count=10)

    assert scene.settlements == [Abandon(), DeadLetter(Reason.UNEXPECTED_ERROR, "RuntimeError")]
    assert len(scene.reports) == 1
    assert scene.reports[0]["deadLetterReason"] == "UnexpectedError"


async def test_what_failed_for_too_long_is_dead_lettered_with_the_last_error_and_reported() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphUnavailable("503"), times=400)

    await scene.offboard()
    while not isinstance(scene.settlements[-1], DeadLetter):
        await scene.deliver_the_copy()

    assert scene.settlements[-1].reason is Reason.RETRIES_EXHAUSTED
    assert scene.clock.now() - NOW >= DAY
    assert len(scene.settler.scheduled) == len({copy.message_id for copy in scene.settler.scheduled}) > 100
    assert [report["deadLetterReason"] for report in scene.reports] == ["RetriesExhausted"]


async def test_hostile_properties_never_stop_a_message_from_ending() -> None:
    names = ["attempt", "copy", "replay", "originalMessageId", "firstEnqueuedAt", "firstFailedAt"]
    values = [-5, 10**30, True, b"7", None, "0001-01-01T00:00:00+14:00", [], {}, 1e300]
    scene = Scene()

    for number, value in enumerate(values):
        properties = dict.fromkeys(names, value)
        scene.script.fail("graph.directory", errors.GraphUnavailable("503"))
        await scene.offboard(message_id=f"m-{number}", application_properties=properties)
        await scene.offboard(message_id=f"n-{number}", application_properties=properties)

    assert len(scene.settlements) == 2 * len(values)
    assert set(scene.settlements) == {Complete()}


async def test_what_breaks_before_the_body_is_read_is_reported_under_the_messages_id() -> None:
    scene = Scene()

    def broken(message: IncomingMessage, event_type: str) -> Event:
        raise RuntimeError(f"{message.queue} {event_type}")

    scene.processor = replace(scene.processor, runs=replace(scene.processor.runs, decode=broken))

    await scene.offboard(delivery_count=10)

    (end,) = scene.journal.conclusions
    assert (scene.reports[0]["eventId"], end.event_id) == ("message-1", "user.offboarded:message-1")
    assert end.fingerprint == fingerprint_of_body(builders.as_bytes(builders.offboarded_body()))


async def test_each_message_is_settled_itself_and_its_attempt_is_in_the_journal() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphUnavailable("503"))

    await scene.offboard()
    await scene.deliver_the_copy()

    assert [message.message_id for message, _ in scene.settler.settled] == ["message-1", "message-1:1"]
    assert {entry.attempt for entry in scene.journal.entries} == {2}


async def test_what_tells_no_time_of_arrival_arrives_when_it_is_read() -> None:
    scene = Scene(builders.device())

    await scene.offboard(enqueued_time_utc=None)

    assert scene.settlements == [Complete()]
    assert scene.posted == ["d1"]
