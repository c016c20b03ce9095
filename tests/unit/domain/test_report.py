from itertools import pairwise

import pytest

from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.domain.report import DeviceReport, Outcome, worst, worst_first

IN_ORDER = [
    Outcome.FAILED,
    Outcome.ASSIGNED_TO_SOMEONE_ELSE,
    Outcome.NOT_FOUND,
    Outcome.WOULD_UNASSIGN,
    Outcome.UNASSIGNED,
    Outcome.ALREADY_UNASSIGNED,
]


def line(outcome: Outcome, device: str = "d1") -> DeviceReport:
    return DeviceReport(autopilot_device_id=AutopilotDeviceId(device), action=Action.UNASSIGN_USER, outcome=outcome)


@pytest.mark.parametrize(("worse", "better"), list(pairwise(IN_ORDER)))
def test_a_message_is_as_good_as_the_worst_of_its_devices(worse: Outcome, better: Outcome) -> None:
    assert worst([line(better), line(worse), line(better)]) is worse


def test_a_message_without_devices_says_so() -> None:
    assert worst([]) is Outcome.NO_DEVICES


def test_a_reader_sees_the_worst_first_and_equals_by_id() -> None:
    lines = [line(Outcome.UNASSIGNED, "d2"), line(Outcome.UNASSIGNED, "d1"), line(Outcome.FAILED, "d3")]

    assert [each.autopilot_device_id for each in worst_first(lines)] == ["d3", "d1", "d2"]
