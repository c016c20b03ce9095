"""A retired device is found by its key, which the record may lose between the intent and the POST."""

import dataclasses

import pytest

from shared.domain import errors
from shared.domain.events import Action, SerialNumberKey
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.domain.plan import Target
from tests import builders
from tests.scene import Scene

RECORD = builders.device()
OTHER_KEY = dataclasses.replace(RECORD, serial_number=SerialNumber("another"))
TARGET = Target(
    autopilot_device_id=AutopilotDeviceId("d1"),
    action=Action.UNASSIGN_USER,
    key=SerialNumberKey(SerialNumber(f"{builders.SERIAL_NUMBER}-d1")),
)


async def test_a_record_that_lost_its_key_after_the_intent_is_left_alone() -> None:
    scene = Scene(RECORD)
    scene.slow_intent(OTHER_KEY)

    report = await scene.attempt(TARGET)

    assert (report.outcome.value, report.detail) == ("notFound", "keyChanged")
    assert scene.posted == []


async def test_one_that_lost_it_after_a_post_whose_answer_was_lost_is_still_the_one() -> None:
    scene = Scene(RECORD)
    scene.graph.lagging = True
    scene.script.fail("graph.unassign", errors.GraphUnavailable("timeout"), after=True)
    with pytest.raises(errors.GraphUnavailable):
        await scene.attempt(TARGET)
    scene.slow_intent(OTHER_KEY)

    report = await scene.attempt(TARGET, number=2)

    assert (report.outcome.value, report.detail) == ("unassigned", None)
    assert scene.posted == ["d1", "d1"]
