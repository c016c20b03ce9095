"""What the service makes of an undone event: its verification, a duplicate, and an older event leave it as it is."""

from shared.domain.errors import JournalUnavailable
from shared.domain.events import Action
from shared.domain.history import Step
from shared.domain.plan import Target
from shared.domain.report import Detail, Outcome
from shared.recording import of_device
from tests import builders
from tests.builders import LEAVER
from tests.scene import Scene
from tests.unit.processing.test_undoing import D1, Operator


async def test_no_verification_undoes_an_undo() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    await Operator(scene).undo()

    await scene.look_until_the_end()

    assert scene.outcomes() == {"d1": "unassigned"}
    assert scene.reports[-1]["devices"][0]["detail"] == "undone"
    assert scene.posted == ["d1"]
    assert scene.graph.tenant[D1].user_principal_name == LEAVER


async def test_a_verification_that_had_read_the_journal_before_the_undo_leaves_the_device_too() -> None:
    """Marked in the device's own history before the user is assigned; an undo that broke after that changes nothing."""
    scene = Scene(builders.device())
    await scene.offboard()
    operator = Operator(scene)
    scene.clock.advance(minutes=11)
    scene.script.before("graph.get", operator.undo)
    scene.script.fail("journal.append.restored", JournalUnavailable("gone"))

    await scene.look_again()

    assert scene.posted == ["d1"]
    assert scene.graph.tenant[D1].user_principal_name == LEAVER


async def test_an_undo_holds_for_the_latest_run_on_record() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    await scene.offboard(
        message_id="message-1:r1", application_properties={"replay": 1, "originalMessageId": "message-1"}
    )
    operator = Operator(scene)

    assert await operator.undo() == {"d1": "restored"}

    undone = [entry for entry in scene.journal.entries if entry.step is Step.RESTORED]
    assert {entry.run for entry in undone} == {1}
    assert {entry.fingerprint for entry in undone} == {scene.journal.entries[0].fingerprint}
    await scene.look_until_the_end()
    assert scene.graph.tenant[D1].user_principal_name == LEAVER


async def test_what_was_undone_while_the_intent_was_slow_is_not_unassigned_again() -> None:
    scene = Scene(builders.device())

    def undone() -> None:
        scene.clock.advance(seconds=310)
        mark = builders.entry(Step.RESTORED, event_id=of_device(D1), at=scene.clock.now())
        scene.journal.entries.append(mark)

    scene.script.before("journal.append.intent", undone)

    report = await scene.attempt(
        Target(autopilot_device_id=D1, action=Action.UNASSIGN_USER, assigned=(builders.LEAVER,))
    )

    assert scene.posted == []
    assert (report.outcome, report.detail) == (Outcome.ASSIGNED_TO_SOMEONE_ELSE, Detail.ASSIGNED_AFTER_THE_EVENT)
