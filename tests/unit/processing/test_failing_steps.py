"""Each step of processing fails once, before or after it took effect: nothing is lost, nothing is posted twice."""

import asyncio
from datetime import timedelta

import pytest

from shared import ports
from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.scene import Scene

STEPS: dict[str, Exception] = {
    "journal.read": errors.JournalUnavailable("locked"),
    "graph.directory": errors.GraphUnavailable("503"),
    "graph.get": errors.TokenUnavailable("timeout"),
    "journal.append.intent": errors.JournalUnavailable("locked"),
    "graph.unassign": errors.GraphUnavailable("timeout"),
    "journal.append.accepted": errors.JournalUnavailable("locked"),
    "schedule.verification": ports.SettlementFailed("closed"),
    "journal.conclude": errors.JournalUnavailable("locked"),
    "publish": errors.OutcomeNotPublished("closed"),
}
LOOKING = ("journal.read", "graph.directory", "graph.get", "journal.append.clear", "journal.conclude", "publish")
AFTER = pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])


@AFTER
@pytest.mark.parametrize("step", STEPS)
async def test_rule_1_after_any_failed_step_a_copy_is_durable_and_finishes_the_job(step: str, after: bool) -> None:
    scene = Scene(builders.device())
    scene.script.fail(step, STEPS[step], after=after)

    await scene.offboard()
    assert scene.script.trail[-2:] == ["schedule", "settle"]
    await scene.deliver_the_copy()

    assert scene.settlements == [Complete(), Complete()]
    assert scene.posted == ["d1"]
    assert {report["outcome"] for report in scene.reports} == {"unassigned"}
    assert len({publication.event_id for publication in scene.publisher.published}) == 1
    assert len({publication.document for publication in scene.publisher.published}) == 1


@AFTER
@pytest.mark.parametrize("step", STEPS)
async def test_rule_6_a_crash_at_any_step_is_made_good_by_another_process(step: str, after: bool) -> None:
    scene = Scene(builders.device())
    scene.script.fail(step, asyncio.CancelledError(), after=after)

    with pytest.raises(asyncio.CancelledError):
        await scene.offboard()
    assert scene.settlements == []
    scene.processor = scene.another_process()
    await scene.offboard(delivery_count=2)

    assert scene.settlements == [Complete()]
    assert scene.posted == ["d1"]
    assert {report["outcome"] for report in scene.reports} == {"unassigned"}


@AFTER
@pytest.mark.parametrize("step", LOOKING)
async def test_a_crash_at_any_step_of_a_look_is_made_good_by_another_process(step: str, after: bool) -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.script.fail(step, asyncio.CancelledError(), after=after)

    with pytest.raises(asyncio.CancelledError):
        await scene.look_again()
    scene.processor = scene.another_process()
    await scene.look_again(delivery_count=2)

    assert scene.settlements == [Complete(), Complete()]
    assert scene.posted == ["d1"]
    assert {each.event_id for each in scene.publisher.published} == {
        "message-1:0:autopilot.unassignment.completed",
        "message-1:0:autopilot.unassignment.verified",
    }
    assert len({publication.document for publication in scene.publisher.published}) == 2


@AFTER
@pytest.mark.parametrize("error", [errors.GraphUnavailable("503"), None], ids=["a retry", "a final end"])
async def test_a_settlement_that_fails_leaves_the_message_to_come_back(
    error: errors.GraphUnavailable | None, after: bool
) -> None:
    scene = Scene(builders.device())
    if error is not None:
        scene.script.fail("graph.directory", error)
    scene.script.fail("settle", ports.SettlementFailed("closed", lock_lost=after), after=after)

    await scene.offboard()
    await scene.offboard(delivery_count=2)

    assert scene.settlements[-1] == Complete()
    assert scene.posted == ["d1"]
    assert {report["outcome"] for report in scene.reports} == {"unassigned"}


@AFTER
async def test_rule_1_a_copy_that_could_not_be_scheduled_leaves_its_original_unsettled(after: bool) -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.directory", errors.GraphUnavailable("503"))
    scene.script.fail("schedule", ports.SettlementFailed("timeout"), after=after)

    await scene.offboard()

    assert scene.settlements == []
    assert "settle" not in scene.script.trail


@pytest.mark.parametrize("step", ["journal.conclude", "publish"])
async def test_a_dead_letter_waits_until_it_can_be_reported(step: str) -> None:
    scene = Scene()
    scene.script.fail(step, STEPS[step])

    await scene.offboard(body=b"{")
    first = list(scene.settlements)
    await scene.deliver_the_copy()

    assert first == [Complete()]
    assert isinstance(scene.settlements[-1], DeadLetter)
    assert [report["deadLetterReason"] for report in scene.reports] == ["InvalidMessage"]


@pytest.mark.parametrize("step", ["journal.conclude", "publish"])
async def test_a_dead_letter_that_can_never_be_reported_is_one_in_the_end(step: str) -> None:
    scene = Scene()
    scene.script.fail(step, STEPS[step], times=10_000)
    long_ago = (scene.clock.now() - timedelta(hours=24)).isoformat()

    await scene.offboard(body=b"{", application_properties=builders.of_a_copy(firstFailedAt=long_ago, attempt=9))

    (end,) = scene.settlements
    assert isinstance(end, DeadLetter)
    assert end.reason is Reason.INVALID_MESSAGE


async def test_a_success_on_record_stays_one_when_the_topic_comes_back_at_the_last_attempt() -> None:
    scene = Scene(builders.device())
    scene.script.fail("publish", errors.OutcomeNotPublished("closed"))
    await scene.offboard()
    scene.script.fail("publish", errors.OutcomeNotPublished("closed"))
    scene.clock.advance(hours=25)

    await scene.deliver_the_copy()

    assert scene.settlements == [Complete(), Complete()]
    assert [report["outcome"] for report in scene.reports] == ["unassigned"]


@pytest.mark.parametrize("step", [*STEPS, "settle"])
async def test_a_cancellation_is_never_swallowed(step: str) -> None:
    scene = Scene(builders.device())
    scene.script.fail(step, asyncio.CancelledError())

    with pytest.raises(asyncio.CancelledError):
        await scene.offboard()

    assert len(scene.processor.runs.in_hand) == 0
