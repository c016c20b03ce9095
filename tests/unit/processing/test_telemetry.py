"""What a whole message tells the metrics: which error, and how it ended."""

import pytest

from shared.domain import errors
from tests import builders
from tests.collecting import Collected
from tests.scene import Scene

NAMES = SETTLED, FAILED = "autopilot.messages.settled", "autopilot.attempts.failed"


@pytest.mark.parametrize(
    ("error", "settlement", "reason"),
    [
        (errors.GraphRequestRejected("404"), "DeadLetter", "GraphRequestRejected"),
        (errors.GraphUnavailable("503"), "DelayedRetry", ""),
    ],
)
async def test_the_error_of_an_attempt_and_what_became_of_its_message_are_counted(
    error: errors.UnassignmentError, settlement: str, reason: str
) -> None:
    collected, scene = Collected(), Scene(builders.device())
    scene.script.fail("graph.directory", error)

    await scene.offboard()

    counted = {point.name: point.attributes for point in collected.points() if point.name in NAMES}
    assert counted == {
        FAILED: {"queue": builders.OFFBOARDING, "error": type(error).__name__},
        SETTLED: {"queue": builders.OFFBOARDING, "settlement": settlement, "reason": reason},
    }
