"""Two processes handle one event: whoever finds nothing left to do looks who did it before saying so."""

import asyncio

import pytest

from shared.domain.device import AutopilotDevice
from tests import builders
from tests.scene import Scene


class Interrupted(Scene):
    """A scene in which, before one call of the first process, a second one does the work and ends before it could say so."""

    def __init__(self, call: str, *devices: AutopilotDevice, ends_at: str = "schedule.verification") -> None:
        super().__init__(*devices)
        self.ends_at = ends_at
        self.script.before(call, self._by_another)

    async def _by_another(self) -> None:
        self.script.fail(self.ends_at, asyncio.CancelledError())
        first, self.processor = self.processor, self.another_process()
        with pytest.raises(asyncio.CancelledError):
            await self.offboard()
        self.processor = first


async def test_no_devices_is_not_said_where_another_process_unassigned_one_meanwhile() -> None:
    scene = Interrupted("graph.directory", builders.device())

    await scene.offboard()
    assert scene.reports == []
    await scene.deliver_the_copy()

    assert [report["outcome"] for report in scene.reports] == ["unassigned"]
    assert [line["autopilotDeviceId"] for line in scene.reports[0]["devices"]] == ["d1"]
    assert scene.posted == ["d1"]


@pytest.mark.parametrize("ends_at", ["schedule.verification", "journal.append.accepted"])
async def test_already_unassigned_is_not_said_where_another_process_did_it_meanwhile(ends_at: str) -> None:
    scene = Interrupted("graph.get", builders.device(), ends_at=ends_at)

    await scene.offboard()
    await scene.deliver_the_copy()

    assert [report["outcome"] for report in scene.reports] == ["unassigned"]
    assert scene.posted == ["d1"]


async def test_a_device_that_another_process_unassigned_is_not_missing_beside_one_of_our_own() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    theirs = scene.another_process()

    async def by_another() -> None:
        both, scene.graph.listed = scene.graph.listed, [builders.device("d1")]
        scene.script.fail("schedule.verification", asyncio.CancelledError())
        with pytest.raises(asyncio.CancelledError):
            await theirs.user_offboarding(builders.Trigger(body=builders.offboarded_body()))
        scene.graph.listed = both

    scene.script.before("graph.directory", by_another)

    await scene.offboard()
    await scene.deliver_the_copy()

    assert [line["autopilotDeviceId"] for line in scene.reports[0]["devices"]] == ["d1", "d2"]
    assert scene.posted == ["d1", "d2"]


async def test_a_look_that_another_process_overtook_does_not_take_the_leaver_for_somebody_new() -> None:
    """It read the record while it named the leaver; then the other one saw it clear, and said so in the journal."""
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    theirs, (look,) = scene.another_process(), scene.settler.verifications

    async def by_another() -> None:
        scene.graph.clear("d1")
        scene.script.fail("journal.conclude", asyncio.CancelledError())
        with pytest.raises(asyncio.CancelledError):
            await theirs.verification(builders.delivery(look))

    scene.script.before("journal.read", lambda: None)  # of the event
    scene.script.before("journal.read", by_another)  # of the device, after it was read

    await scene.look_again()

    assert scene.outcomes() == {"d1": "verified"}
    assert scene.posted == ["d1"]


async def test_who_finds_nothing_to_do_and_is_alone_says_so_at_once() -> None:
    scene = Scene(builders.device(user=None))

    await scene.retire()

    assert scene.settler.scheduled == []
    assert [report["outcome"] for report in scene.reports] == ["alreadyUnassigned"]
