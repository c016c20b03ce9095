"""The queue of looks at its limits: how long one waits at most, and what is none."""

from dataclasses import replace
from datetime import timedelta

from tests import builders
from tests.scene import Scene


async def test_no_look_waits_for_more_than_a_day() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    scene.rules = replace(scene.rules, verify_after=timedelta(hours=20))
    scene.processor = scene.another_process()

    await scene.offboard()
    await scene.look_again()

    waits = [copy.enqueue_at - scene.clock.now() for copy in scene.settler.verifications]
    assert waits[1] == timedelta(days=1)


async def test_what_is_no_look_is_reported_as_of_the_queue_of_looks() -> None:
    scene = Scene()

    await scene.processor.verification(builders.Trigger(body=b"{"))

    (report,) = scene.reports
    assert (report["eventType"], report["deadLetterReason"]) == ("verification", "InvalidMessage")
