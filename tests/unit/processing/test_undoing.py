"""An undo over the same fakes as the service: its steps, what it leaves to the next one, and what the service makes of it."""

import pytest

from shared import ports
from shared.domain import restoring
from shared.domain.acts import ActKind
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphUnavailable,
    JournalUnavailable,
    UnassignmentError,
)
from shared.domain.history import Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.recording import of_device
from shared.undoing import Order, Undoing
from tests import builders
from tests.builders import LEAVER, SUCCESSOR
from tests.fakes_assignments import FakeAssignments
from tests.scene import VERIFY_AFTER, Scene

EVENT = EventId("user.offboarded:message-1")
D1 = AutopilotDeviceId("d1")


class Operator:
    """Undoes the scene's event, as often as asked."""

    def __init__(self, scene: Scene, permits: ports.WritePermits | None = None) -> None:
        self.scene = scene
        self.assignments = FakeAssignments(scene.graph, scene.script)
        self._undos = 0
        self._undoing = Undoing(
            devices=scene.graph,
            assignments=self.assignments,
            journal=scene.journal,
            clock=scene.clock,
            permits=permits or ports.NoLimit(),
            verify_after=VERIFY_AFTER,
        )

    async def undo(self) -> dict[str, str]:
        self._undos += 1
        record = await self.scene.journal.read(EVENT)
        order = Order(event_id=EVENT, act_id=f"undo-{self._undos}", operator="Grace", reason="wrong leaver")
        lines = await self._undoing.undo(order, restoring.undoable(record.history), record)
        return {line.former.autopilot_device_id: line.result.value for line in lines}

    async def preview(self) -> dict[str, str]:
        record = await self.scene.journal.read(EVENT)
        lines = await self._undoing.preview(restoring.undoable(record.history), record.history)
        return {line.former.autopilot_device_id: line.result.value for line in lines}

    async def steps(self, journal_id: EventId = EVENT) -> list[Step]:
        return [entry.step for entry in (await self.scene.journal.read(journal_id)).history.entries]


@pytest.fixture
async def scene() -> Scene:
    scene = Scene(builders.device())
    await scene.offboard()
    return scene


async def test_the_former_user_is_assigned_again_as_the_record_had_them(scene: Scene) -> None:
    operator = Operator(scene)

    assert await operator.undo() == {"d1": "restored"}

    assert operator.assignments.assigned == [("d1", LEAVER, "Leaver Lastname")]
    assert await operator.steps() == [Step.INTENT, Step.ACCEPTED, Step.RESTORING, Step.RESTORED]
    assert await operator.steps(of_device(D1)) == [Step.CLEAR, Step.RESTORED]
    (act,) = scene.journal.acts
    assert (act.event_id, act.kind, act.operator, act.reason) == (EVENT, ActKind.UNDO, "Grace", "wrong leaver")


async def test_each_step_is_on_record_before_the_next_and_the_record_is_read_in_between(scene: Scene) -> None:
    scene.script.trail.clear()

    await Operator(scene).undo()

    assert scene.script.trail == [
        "journal.read",
        "graph.get",
        "journal.append.clear",
        "journal.append.restoring",
        "graph.get",
        "graph.assign",
        "journal.append.restored",
        "journal.append.restored",
        "graph.get",
    ]


async def test_a_preview_changes_nothing(scene: Scene) -> None:
    entries = list(scene.journal.entries)

    assert await Operator(scene).preview() == {"d1": "wouldRestore"}

    assert scene.journal.entries == entries
    assert scene.journal.acts == []
    assert scene.graph.tenant[D1].user_principal_name is None


async def test_a_new_users_device_is_left_alone(scene: Scene) -> None:
    scene.graph.put(builders.device(user=SUCCESSOR))
    operator = Operator(scene)

    assert await operator.undo() == {"d1": "assignedToSomeoneElse"}

    assert operator.assignments.assigned == []
    assert await operator.steps() == [Step.INTENT, Step.ACCEPTED]


async def test_rule_3_a_device_given_on_between_the_reads_is_left_alone(scene: Scene) -> None:
    operator = Operator(scene)
    scene.script.before("journal.append.restoring", lambda: scene.graph.put(builders.device(user=SUCCESSOR)))

    assert await operator.undo() == {"d1": "assignedToSomeoneElse"}

    assert operator.assignments.assigned == []
    assert (await operator.steps())[-1] is Step.NOT_RESTORED, "no later reader may take it for undone"


async def test_rule_3_a_slow_read_is_taken_again_before_anything_is_sent(scene: Scene) -> None:
    operator = Operator(scene)
    for _ in range(3):
        scene.script.before("graph.get", lambda: scene.clock.advance(seconds=6))

    assert await operator.undo() == {"d1": "failed"}
    assert operator.assignments.assigned == []
    assert await operator.undo() == {"d1": "restored"}


async def test_rule_5_what_graph_accepted_and_does_not_show_is_not_called_restored(scene: Scene) -> None:
    operator = Operator(scene)
    operator.assignments.lagging = True

    assert await operator.undo() == {"d1": "accepted"}
    assert await operator.undo() == {"d1": "accepted"}

    assert len(operator.assignments.assigned) == 1, "rule 6: not repeated before VERIFY_AFTER"


@pytest.mark.parametrize(
    "error",
    [GraphPermissionDenied("403"), GraphRequestRejected("400")],
    ids=lambda error: type(error).__name__,
)
async def test_what_graph_refuses_is_not_on_record_as_undone(scene: Scene, error: UnassignmentError) -> None:
    operator = Operator(scene)
    scene.script.fail("graph.assign", error)

    assert await operator.undo() == {"d1": "failed"}

    history = (await scene.journal.read(EVENT)).history
    assert history.undone(*history.subjects()[0]) is None
    assert await operator.undo() == {"d1": "restored"}


@pytest.mark.parametrize("arrived", [True, False], ids=["it was done", "it was not done"])
async def test_a_lost_answer_is_settled_by_the_next_undo(scene: Scene, arrived: bool) -> None:
    operator = Operator(scene)
    scene.script.fail("graph.assign", GraphUnavailable("reset"), after=arrived)

    assert await operator.undo() == {"d1": "failed"}
    assert await operator.undo() == {"d1": "alreadyAssigned" if arrived else "restored"}

    assert (await operator.steps())[-1] is Step.RESTORED
    assert len(operator.assignments.assigned) == 1


@pytest.mark.parametrize("step", ["clear", "restoring", "restored"])
@pytest.mark.parametrize("after", [True, False], ids=["written", "not written"])
async def test_rule_6_an_undo_that_broke_at_any_entry_is_finished_by_the_next(
    scene: Scene, step: str, after: bool
) -> None:
    operator = Operator(scene)
    scene.script.fail(f"journal.append.{step}", JournalUnavailable("gone"), after=after)

    assert await operator.undo() == {"d1": "failed"}
    assert set((await operator.undo()).values()) <= {"restored", "alreadyAssigned"}

    assert scene.graph.tenant[D1].user_principal_name == LEAVER
    assert (await operator.steps())[-1] is Step.RESTORED
    assert (await operator.steps(of_device(D1)))[-1] is Step.RESTORED
    assert len(operator.assignments.assigned) == 1


async def test_what_an_undo_restored_and_another_event_unassigned_since_is_left_alone(scene: Scene) -> None:
    operator = Operator(scene)
    await operator.undo()
    scene.clock.advance(seconds=2 * VERIFY_AFTER.total_seconds())
    await scene.offboard(message_id="message-2")
    assert scene.graph.tenant[D1].user_principal_name is None

    assert await operator.preview() == {"d1": "undoneBefore"}
    assert await operator.undo() == {"d1": "undoneBefore"}

    assert len(operator.assignments.assigned) == 1
    assert scene.graph.tenant[D1].user_principal_name is None
    assert await operator.steps() == [Step.INTENT, Step.ACCEPTED, Step.RESTORING, Step.RESTORED]


async def test_an_undo_that_broke_off_and_was_overtaken_by_another_event_is_not_finished(scene: Scene) -> None:
    operator = Operator(scene)
    scene.script.fail("journal.append.restored", JournalUnavailable("gone"))
    await operator.undo()
    scene.clock.advance(seconds=1)
    await scene.journal.append(
        builders.entry(Step.CLEAR, builders.device(user=None), event_id=of_device(D1), at=scene.clock.now())
    )
    scene.graph.put(builders.device(user=None))

    assert await operator.undo() == {"d1": "undoneBefore"}

    assert len(operator.assignments.assigned) == 1
