"""One device is unassigned and another refused: the dead letter is followed by a look, whoever dies and whoever else is at work."""

import asyncio

import pytest

from shared.domain import errors
from shared.domain.events import Action
from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.plan import Target
from shared.domain.report import Outcome
from shared.messaging import conclusion, contract
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.scene import Scene

TARGET = Target(autopilot_device_id=AutopilotDeviceId("d1"), action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,))
REJECTED = errors.GraphRequestRejected("404")


def scene_that_refuses_the_second() -> Scene:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.before("graph.unassign", lambda: None)
    scene.script.before("graph.unassign", lambda: scene.script.fail("graph.unassign", REJECTED, times=9))
    return scene


async def test_rule_1_the_look_is_durable_before_the_end_is_on_record() -> None:
    scene = scene_that_refuses_the_second()

    await scene.offboard()

    order = [
        scene.script.trail.index(call) for call in ("schedule.verification", "journal.conclude", "publish", "settle")
    ]
    assert order == sorted(order)


@pytest.mark.parametrize("after", [False, True], ids=["before it took effect", "after it took effect"])
@pytest.mark.parametrize("step", ["schedule.verification", "journal.conclude", "publish", "settle"])
async def test_rule_1_a_crash_at_any_step_of_the_end_loses_no_look(step: str, after: bool) -> None:
    scene = scene_that_refuses_the_second()
    scene.script.fail(step, asyncio.CancelledError(), after=after)

    with pytest.raises(asyncio.CancelledError):
        await scene.offboard()
    scene.processor = scene.another_process()
    await scene.offboard(delivery_count=2)

    assert scene.outcomes() == {"d1": "unassigned", "d2": "failed"}
    assert {look.message_id for look in scene.settler.verifications} == {"user.offboarded:message-1:0:verify:1"}


async def test_a_dead_letter_waits_for_what_another_process_changed_meanwhile() -> None:
    """The other one dies before it schedules the look; this one's list lacks its device by now."""
    scene = scene_that_refuses_the_second()
    theirs = scene.another_process()

    async def by_another() -> None:
        scene.script.fail("schedule.verification", asyncio.CancelledError())
        with pytest.raises(asyncio.CancelledError):
            await theirs.user_offboarding(builders.Trigger(body=builders.offboarded_body()))

    scene.script.before("graph.directory", by_another)

    await scene.offboard()
    assert scene.reports == []
    await scene.deliver_the_copy()

    assert scene.outcomes() == {"d1": "unassigned", "d2": "failed"}
    assert scene.reports[0]["deadLetterReason"] == "GraphRequestRejected"
    assert len(scene.settler.verifications) == 1


async def test_who_changed_something_and_died_while_another_ended_the_run_schedules_the_look_when_it_comes_back() -> (
    None
):
    scene = Scene(builders.device("d1"), builders.device("d2"), builders.device("d3"), blast_radius=2)
    await scene.offboard()
    fingerprint, event = scene.journal.conclusions[0].fingerprint, EventId("user.offboarded:message-1")
    for step in (Step.INTENT, Step.ACCEPTED):
        scene.journal.entries.append(builders.entry(step, event_id=event, fingerprint=fingerprint))
    assert scene.settler.verifications == []

    await scene.offboard(message_id="again", application_properties={"originalMessageId": "message-1", "copy": 1})

    assert [look.message_id for look in scene.settler.verifications] == ["user.offboarded:message-1:0:verify:1"]
    assert scene.settlements[-1] == scene.settlements[0]
    assert scene.posted == []


async def test_a_later_run_that_changed_nothing_itself_is_followed_by_no_look_of_its_own() -> None:
    scene = scene_that_refuses_the_second()
    await scene.offboard()
    scene.script.fail("graph.unassign", REJECTED, times=9)

    await scene.offboard(message_id="message-1:r1", application_properties={"replay": 1})

    assert [report["deadLetterReason"] for report in scene.reports] == ["GraphRequestRejected"] * 2
    assert [look.message_id for look in scene.settler.verifications] == ["user.offboarded:message-1:0:verify:1"]


async def test_a_dead_letter_that_sees_a_device_first_hides_no_post_of_another_process_on_it() -> None:
    """The other one's intent is on record by the time this one is refused; its POST is accepted, and then it dies."""
    scene = Scene(builders.device(), blast_radius=0)
    event = contract.decode(builders.message(builders.offboarded_body()), "user.offboarded")
    theirs = builders.entry(
        Step.INTENT, event_id=EventId("user.offboarded:message-1"), fingerprint=conclusion.fingerprint(event)
    )
    scene.script.before("journal.append.found", lambda: scene.journal.entries.append(theirs))

    await scene.offboard()
    assert scene.reports == []
    scene.graph.clear("d1")
    await scene.deliver_the_copy()

    assert scene.outcomes() == {"d1": "unassigned"}
    assert len(scene.settler.verifications) == 1


@pytest.mark.parametrize(
    "call",
    ["graph.get", "journal.append.intent", "graph.unassign"],
    ids=["before the read", "a slow intent", "a refused POST"],
)
@pytest.mark.parametrize("room", [None, "room-1"], ids=["a user", "a user and a resource account"])
async def test_what_another_process_unassigned_meanwhile_was_not_unassigned_already(
    call: str, room: str | None
) -> None:
    scene = Scene(builders.device(resource_name=room))
    scene.script.fail("graph.unassign", REJECTED)

    def by_another() -> None:
        scene.clock.advance(seconds=6)
        scene.journal.entries += [builders.entry(Step.INTENT), builders.entry(Step.ACCEPTED)]
        scene.graph.clear("d1")

    scene.script.before(call, by_another)

    report = await scene.attempt(TARGET)

    assert report.outcome is Outcome.UNASSIGNED
    assert scene.posted == []


async def test_what_is_clear_after_a_refused_post_of_ours_alone_was_unassigned_already() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", REJECTED)
    scene.script.before("graph.unassign", lambda: scene.graph.clear("d1"))

    report = await scene.attempt(TARGET)

    assert report.outcome is Outcome.ALREADY_UNASSIGNED


async def test_what_the_journal_did_not_take_before_is_on_record_when_another_device_is_refused() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.fail("journal.append.accepted", errors.JournalUnavailable("no answer"))
    scene.script.before("graph.unassign", lambda: None)
    scene.script.before(
        "graph.unassign", lambda: scene.script.fail("graph.unassign", errors.GraphUnavailable("no answer"))
    )
    await scene.offboard()
    assert scene.settlements[-1] == Complete()
    scene.script.fail("graph.unassign", REJECTED, times=9)

    await scene.deliver_the_copy()

    (letter,) = [each for each in scene.settlements if isinstance(each, DeadLetter)]
    assert letter.reason is Reason.GRAPH_REQUEST_REJECTED
    assert scene.outcomes() == {"d1": "unassigned", "d2": "failed"}
    assert len(scene.settler.verifications) == 1
