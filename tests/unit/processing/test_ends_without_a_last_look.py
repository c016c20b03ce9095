"""A message that ends before its devices could be read again still tells what was done to them."""

from datetime import timedelta

from shared.domain.errors import GraphUnavailable
from shared.domain.history import History, Step
from shared.domain.plan import last_known
from shared.domain.report import Outcome
from tests import builders
from tests.scene import Scene


async def test_what_was_unassigned_is_reported_though_the_last_attempt_could_not_scan() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.fail("graph.unassign", GraphUnavailable("down"), times=1)
    await scene.offboard()

    scene.script.fail("graph.directory", GraphUnavailable("down"))
    scene.clock.advance(hours=25)
    await scene.deliver_the_copy()

    assert scene.reports[-1]["deadLetterReason"] == "RetriesExhausted"
    assert sorted(scene.outcomes().values()) == ["failed", "unassigned"]
    assert {each["detail"] for each in scene.reports[-1]["devices"]} == {None, "answerLost"}


def test_a_device_that_was_only_seen_is_reported_as_not_reached() -> None:
    history = History.of([builders.entry(Step.FOUND)])

    (report,) = last_known(history)

    assert (report.outcome, report.detail, report.before) == (Outcome.FAILED, "notReached", builders.device())


def test_an_event_that_saw_nothing_reports_nothing() -> None:
    assert last_known(History()) == []


async def test_a_reused_event_id_ends_under_the_id_of_its_own_message() -> None:
    scene = Scene(builders.device("d1"))
    await scene.offboard(body=builders.offboarded_body(eventId="e1"), message_id="m1")

    other = {"eventId": "e1", "user": {"userPrincipalName": builders.SUCCESSOR}}
    await scene.offboard(body=other, message_id="m2")

    first, second = (each["eventId"] for each in scene.reports)
    assert first == "e1"
    assert second.startswith("m2:")
    assert scene.reports[1]["deadLetterReason"] == "InvalidMessage"


async def test_a_clock_behind_the_brokers_schedules_no_copy_into_the_past() -> None:
    scene = Scene()
    arrived = scene.clock.now() + timedelta(minutes=10)
    body = builders.offboarded_body(effectiveAt=(scene.clock.now() + timedelta(minutes=5)).isoformat())

    await scene.offboard(body=body, enqueued_time_utc=arrived)

    assert scene.settler.scheduled == []
    assert scene.reports[0]["outcome"] == "noDevices"


async def test_a_retry_waits_from_the_arrival_where_our_clock_is_behind() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", GraphUnavailable("down"))
    arrived = scene.clock.now() + timedelta(minutes=10)

    await scene.offboard(enqueued_time_utc=arrived)

    assert scene.settler.scheduled[0].enqueue_at > arrived
