"""Rule 6: what becomes of a POST whose answer, or whose record in the journal, was lost."""

import pytest

from shared.domain import errors
from shared.domain.events import Action
from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.domain.plan import Target
from shared.domain.report import DeviceReport
from tests import builders
from tests.scene import Scene

D1, EVENT = AutopilotDeviceId("d1"), EventId("event-1")
LEAVERS = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,))
WHOEVERS = Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER)
SUCCESSOR = builders.SUCCESSOR


def steps(scene: Scene) -> list[Step]:
    return [entry.step for entry in scene.journal.entries]


def told(report: DeviceReport) -> tuple[str, str | None]:
    return report.outcome.value, report.detail


async def test_rule_6_an_answer_that_was_lost_is_read_again_before_any_second_post() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphUnavailable("reset after send"), after=True)
    with pytest.raises(errors.GraphUnavailable):
        await scene.attempt(LEAVERS)

    report = await scene.attempt(LEAVERS, number=2)

    assert told(report) == ("unassigned", "responseLost")
    assert report.before == builders.device()
    assert scene.posted == ["d1"]


async def test_a_lost_answer_stays_ours_when_a_later_intent_is_cancelled() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    scene.script.fail("graph.unassign", errors.GraphUnavailable("timeout"), after=True)
    with pytest.raises(errors.GraphUnavailable):
        await scene.attempt(LEAVERS)
    scene.slow_intent(builders.device("d1", None))

    second, third = await scene.attempt(LEAVERS, number=2), await scene.attempt(LEAVERS, number=3)

    assert told(second) == told(third) == ("unassigned", "responseLost")
    assert scene.posted == ["d1"]


async def test_a_post_that_never_arrived_is_posted_again() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphThrottled("429"))
    with pytest.raises(errors.GraphThrottled):
        await scene.attempt(LEAVERS)

    assert told(await scene.attempt(LEAVERS, number=2)) == ("unassigned", None)
    assert scene.posted == ["d1"]


async def test_rule_6_an_accepted_post_is_not_repeated_though_graph_clears_late() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.attempt(LEAVERS)
    scene.clock.advance(minutes=9)

    report = await scene.attempt(LEAVERS, number=2)

    assert told(report) == ("unassigned", None)
    assert scene.posted == ["d1"]


async def test_an_accepted_post_that_cleared_nothing_is_repeated_after_verify_after() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.attempt(LEAVERS)
    scene.clock.advance(minutes=10)

    await scene.attempt(LEAVERS, number=2)

    assert scene.posted == ["d1", "d1"]


async def test_rule_6_with_the_journal_down_between_post_and_result_there_is_no_second_post() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    scene.script.fail("journal.append.accepted", errors.JournalUnavailable("locked"), times=2)
    for number in (1, 2):
        with pytest.raises(errors.JournalUnavailable):
            await scene.attempt(LEAVERS, number=number)

    report = await scene.attempt(LEAVERS, number=3)

    assert told(report) == ("unassigned", None)
    assert scene.posted == ["d1"]
    assert steps(scene) == [Step.INTENT, Step.ACCEPTED]
    assert scene.journal.entries[1].attempt == 1


async def test_what_could_not_be_written_is_forgotten_once_it_says_nothing_any_more() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.lagging = True
    scene.script.fail("journal.append.accepted", errors.JournalUnavailable("locked"), times=2)
    with pytest.raises(errors.JournalUnavailable):
        await scene.attempt(LEAVERS)
    scene.clock.advance(minutes=10)
    other = Target(
        autopilot_device_id=AutopilotDeviceId("d2"), action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,)
    )
    with pytest.raises(errors.JournalUnavailable):
        await scene.attempt(other)
    scene.graph.clear("d1")

    report = await scene.attempt(LEAVERS, number=2)

    assert told(report) == ("unassigned", "responseLost")


@pytest.mark.parametrize("error", [errors.GraphThrottled("not sent"), errors.GraphUnavailable("503")], ids=repr)
async def test_an_intent_without_a_post_is_not_taken_for_a_lost_answer(error: errors.TransientError) -> None:
    scene = Scene(builders.device())
    scene.slow_intent()
    scene.script.before("graph.get", lambda: None)
    scene.script.before("graph.get", lambda: scene.script.fail("graph.get", error))  # the read after the intent
    with pytest.raises(type(error)):
        await scene.attempt(LEAVERS)
    scene.graph.put(builders.device("d1", None))  # an administrator clears it

    report = await scene.attempt(LEAVERS, number=2)

    assert steps(scene)[:2] == [Step.INTENT, Step.WITHDRAWN]
    assert told(report) == ("alreadyUnassigned", None)
    assert scene.posted == []
