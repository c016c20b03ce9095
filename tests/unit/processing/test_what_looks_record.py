"""What a look writes down and reports of records that are not simply clear."""

from dataclasses import replace
from typing import Any

from shared.domain import errors
from shared.domain.history import Step
from tests import builders
from tests.builders import SUCCESSOR
from tests.scene import Scene


def marks(scene: Scene) -> list[str]:
    return [entry.device.autopilot_device_id for entry in scene.journal.entries if entry.step is Step.CLEAR]


def last_lines(scene: Scene) -> dict[str, dict[str, Any]]:
    return {line["autopilotDeviceId"]: line for line in scene.reports[-1]["devices"]}


async def test_only_a_record_that_was_clear_is_marked_so() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    await scene.offboard()
    scene.graph.put(builders.device("d2", SUCCESSOR))

    await scene.look_again()

    assert marks(scene) == ["d1"]
    assert scene.outcomes() == {"d1": "verified", "d2": "verified"}


async def test_what_was_clear_before_is_marked_and_verified() -> None:
    scene = Scene(builders.device("d1", None))
    scene.graph.listed = [builders.device("d1")]
    await scene.offboard()

    await scene.look_again()

    assert marks(scene) == ["d1"]
    assert scene.outcomes() == {"d1": "verified"}


async def test_what_was_unassigned_by_a_request_whose_answer_was_lost_is_verified() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphUnavailable("reset"), after=True)
    await scene.offboard()
    await scene.deliver_the_copy()

    await scene.look_again()

    (line,) = scene.reports[-1]["devices"]
    assert (line["outcome"], line["detail"]) == ("verified", "responseLost")


async def test_what_is_not_confirmed_is_told_with_the_record_as_it_was_at_first() -> None:
    scene = Scene(builders.device(group_tag="then"), verify_attempts=1)
    scene.graph.lagging = True
    await scene.offboard()
    scene.graph.put(builders.device(group_tag="now"))

    await scene.look_again()

    assert scene.reports[-1]["devices"][0]["before"]["groupTag"] == "then"


async def test_what_an_operator_undid_is_not_called_unverified_beside_what_is() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.lagging = True
    await scene.offboard()
    accepted = next(entry for entry in scene.journal.entries if entry.step is Step.ACCEPTED)
    undone = accepted.device.autopilot_device_id
    await scene.journal.append(replace(accepted, step=Step.RESTORED, at=scene.clock.now()))

    await scene.look_until_the_end()

    lines = last_lines(scene)
    assert (lines[undone]["outcome"], lines[undone]["detail"]) == ("unassigned", "undone")
    assert sorted(line["outcome"] for line in lines.values()) == ["unassigned", "unverified"]
    assert scene.posted.count(undone) == 1


async def test_each_look_has_an_id_of_its_own_run_and_number() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()

    await scene.look_until_the_end()

    ids = [look.message_id for look in scene.settler.verifications]
    assert ids == [f"user.offboarded:message-1:0:verify:{number}" for number in (1, 2, 3, 4)]


async def test_a_mark_tells_the_run_and_the_look_that_saw_it() -> None:
    scene = Scene(builders.device())
    await scene.offboard()

    await scene.look_again()

    (mark,) = [entry for entry in scene.journal.entries if entry.step is Step.CLEAR]
    assert (mark.run, mark.attempt) == (0, 1)
