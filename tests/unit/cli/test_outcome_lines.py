from typing import Any

import pytest

from cli import outcome_lines

DEVICE = {"autopilotDeviceId": "d1", "action": "unassignUser", "outcome": "unassigned", "detail": None}


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({}, ["E-1 unassigned: device d1, unassignUser: unassigned, attempt 1"]),
        (
            {"outcome": "failed", "attempt": 3, "deadLetterReason": "GraphPermissionDenied"}
            | {"devices": [DEVICE | {"outcome": "failed", "detail": "403 of Graph"}, DEVICE]},
            [
                'E-1 failed, dead-lettered GraphPermissionDenied: device d1, unassignUser: failed ("403 of Graph"), attempt 3',
                "E-1 failed, dead-lettered GraphPermissionDenied: device d1, unassignUser: unassigned, attempt 3",
            ],
        ),
        ({"outcome": "noDevices", "devices": []}, ["E-1 noDevices, attempt 1"]),
        (
            {"outcome": "noDevices", "devices": [], "dryRun": True, "eventId": "E 1"},
            ['"E 1" noDevices (dry run), attempt 1'],
        ),
    ],
    ids=["a device", "a dead letter with two devices", "no device", "a dry run"],
)
def test_a_line_tells_what_came_of_a_device(changes: dict[str, Any], shown: list[str]) -> None:
    data = {"eventId": "E-1", "outcome": "unassigned", "dryRun": False, "attempt": 1, "deadLetterReason": None}

    assert list(outcome_lines.lines({**data, "devices": [DEVICE], **changes})) == shown
