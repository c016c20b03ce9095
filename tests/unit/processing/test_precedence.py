"""Several devices fail in different ways: which failure decides about the message."""

from datetime import timedelta

import pytest

from shared import ports
from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Abandon, DeadLetter
from tests import builders, fakes
from tests.scene import Scene

BUG = RuntimeError(builders.LEAVER)
DENIED, REJECTED = errors.GraphPermissionDenied("403"), errors.ProtectedDevice("d2")
SOON = errors.GraphThrottled("429", retry_after=timedelta(seconds=20))
LATE = errors.GraphThrottled("429", retry_after=timedelta(seconds=200))
PLAIN = errors.GraphUnavailable("503")


async def handled(*failures: Exception) -> Scene:
    scene = Scene(*(builders.device(f"d{number}") for number in range(len(failures) + 1)))
    for failure in failures:
        scene.script.fail("graph.get", failure)
    await scene.offboard()
    return scene


@pytest.mark.parametrize("order", [1, -1], ids=["in this order", "the other way round"])
@pytest.mark.parametrize(
    ("one", "other", "settlement"),
    [
        pytest.param(BUG, DENIED, Abandon(), id="a bug before a refused identity"),
        pytest.param(BUG, LATE, Abandon(), id="a bug before throttling"),
        pytest.param(DENIED, LATE, DeadLetter(Reason.GRAPH_PERMISSION_DENIED, "403"), id="refused before throttled"),
    ],
)
async def test_the_graver_failure_decides(one: Exception, other: Exception, settlement: object, order: int) -> None:
    scene = await handled(*[one, other][::order])

    assert scene.settlements == [settlement]


@pytest.mark.parametrize("order", [1, -1], ids=["in this order", "the other way round"])
async def test_a_place_under_the_rate_limit_is_waited_for_before_what_waiting_can_not_mend(order: int) -> None:
    until = fakes.NOW + timedelta(minutes=1)

    scene = await handled(*[ports.NoPermitYet(until, None), REJECTED][::order])

    assert [copy.enqueue_at for copy in scene.settler.scheduled] == [until]


@pytest.mark.parametrize("order", [1, -1], ids=["in this order", "the other way round"])
@pytest.mark.parametrize(
    ("one", "other", "seconds"),
    [
        pytest.param(LATE, SOON, 200, id="the longest wait asked for"),
        pytest.param(SOON, PLAIN, 20, id="a wait asked for before none"),
        pytest.param(SOON, REJECTED, 20, id="what waiting may mend before what it can't"),
    ],
)
async def test_the_longest_wait_decides(one: Exception, other: Exception, seconds: int, order: int) -> None:
    scene = await handled(*[one, other][::order])

    backoff = builders.POLICY.first_delay * 0.5  # the scene's jitter
    assert scene.settler.scheduled[0].enqueue_at == scene.clock.now() + timedelta(seconds=seconds) + backoff


async def test_the_report_of_a_failed_device_tells_the_error_but_not_the_text_of_a_bug() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.fail("graph.get", BUG)
    scene.script.fail("graph.get", DENIED)

    await scene.offboard(delivery_count=10)

    details = {device["autopilotDeviceId"]: device["detail"] for device in scene.reports[0]["devices"]}
    assert details == {"d1": "RuntimeError", "d2": "GraphPermissionDenied: 403"}
