"""An undo writes to Graph within the rate limit that it shares with the service."""

from datetime import timedelta

from shared import ports
from tests import builders, fakes
from tests.scene import Scene
from tests.unit.processing.test_rate_limit import FakePermits
from tests.unit.processing.test_undoing import Operator


async def cleared() -> tuple[Scene, FakePermits]:
    scene = Scene(builders.device())
    await scene.offboard()
    return scene, FakePermits(scene)


async def test_a_permit_is_taken_for_each_write_and_given_back_unused() -> None:
    scene, permits = await cleared()
    operator = Operator(scene, permits)

    assert await operator.undo() == {"d1": "restored"}
    assert permits.returned == 0
    assert await operator.undo() == {"d1": "alreadyAssigned"}
    assert permits.returned == 1


async def test_a_device_whose_turn_is_far_away_is_reported_and_untouched() -> None:
    scene, permits = await cleared()
    operator = Operator(scene, permits)
    scene.script.fail("permits.take", ports.NoPermitYet(fakes.NOW + timedelta(minutes=1), None))

    assert await operator.undo() == {"d1": "failed"}
    assert operator.assignments.assigned == []
    assert await operator.undo() == {"d1": "restored"}
