"""The outcome event: what is reported of a message, as JSON."""

import json
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.domain.report import DeviceReport, Outcome
from shared.messaging import outcome
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter, LastSettlement
from tests import builders, fakes

UNASSIGNED = DeviceReport(
    autopilot_device_id=AutopilotDeviceId("d2"),
    action=Action.UNASSIGN_USER,
    outcome=Outcome.UNASSIGNED,
    before=builders.device("d2", group_tag="kiosk", resource_name="Room 1"),
)
FAILED = DeviceReport(
    autopilot_device_id=AutopilotDeviceId("d1"),
    action=Action.UNASSIGN_USER,
    outcome=Outcome.FAILED,
    detail="GraphRequestRejected: 400",
)


def event(decision: LastSettlement, *reports: DeviceReport, **subject: Any) -> outcome.OutcomeEvent:
    about: dict[str, Any] = {
        "event_type": "user.offboarded",
        "request": builders.request(requested_by="hr", ticket="INC1", reason="left"),
        "run": 1,
        "attempt": 3,
        "received_at": fakes.NOW,
        "dry_run": False,
    }
    now = fakes.NOW + timedelta(minutes=1)
    return outcome.event(outcome.Subject(**{**about, **subject}), decision, reports, now=now)


def document(decision: LastSettlement, *reports: DeviceReport) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(event(decision, *reports).document())
    return decoded


def test_the_report_of_a_completed_message() -> None:
    assert document(Complete(), UNASSIGNED) == {
        "specversion": "1.0",
        "id": "event-1:1:autopilot.unassignment.completed",
        "source": "/autopilot-offboarding/user.offboarded",
        "type": "autopilot.unassignment.completed",
        "subject": "event-1",
        "time": "2026-11-22T09:31:00Z",
        "datacontenttype": "application/json",
        "data": {
            "eventId": "event-1",
            "eventType": "user.offboarded",
            "run": 1,
            "outcome": "unassigned",
            "dryRun": False,
            "requestedBy": "hr",
            "ticket": "INC1",
            "reason": "left",
            "attempt": 3,
            "receivedAt": "2026-11-22T09:30:00Z",
            "handledAt": "2026-11-22T09:31:00Z",
            "deadLetterReason": None,
            "devices": [
                {
                    "autopilotDeviceId": "d2",
                    "action": "unassignUser",
                    "outcome": "unassigned",
                    "detail": None,
                    "before": {
                        "userPrincipalName": builders.LEAVER,
                        "addressableUserName": "Leaver Lastname",
                        "resourceName": "Room 1",
                        "groupTag": "kiosk",
                        "serialNumber": "PF3XK7Q9-d2",
                    },
                }
            ],
        },
    }


def test_a_dead_lettered_message_has_failed_whatever_its_devices_and_shows_the_worst_first() -> None:
    told = document(DeadLetter(Reason.GRAPH_REQUEST_REJECTED, "400"), UNASSIGNED, FAILED)

    assert (told["type"], told["data"]["outcome"]) == ("autopilot.unassignment.failed", "failed")
    assert told["data"]["deadLetterReason"] == "GraphRequestRejected"
    assert [device["outcome"] for device in told["data"]["devices"]] == ["failed", "unassigned"]
    assert told["data"]["devices"][0]["before"] is None


def test_a_message_without_devices_is_a_success_that_says_so() -> None:
    told = document(Complete())

    assert (told["type"], told["data"]["outcome"]) == ("autopilot.unassignment.completed", "noDevices")


@pytest.mark.parametrize("dry_run", [True, False])
def test_a_publication_is_the_document_itself_with_properties_to_filter_by(dry_run: bool) -> None:
    written = event(Complete(), UNASSIGNED, dry_run=dry_run).document()

    publication = outcome.publication(written)

    assert publication.document == written
    source = "/autopilot-offboarding/user.offboarded" + ("/dry-run" if dry_run else "")
    assert publication.event_id == "event-1:1:autopilot.unassignment.completed"
    assert publication.message_id == f"{source}:event-1:1:autopilot.unassignment.completed"
    assert publication.application_properties == {
        "type": "autopilot.unassignment.completed",
        "outcome": "unassigned",
        "dryRun": dry_run,
    }


def test_the_schema_has_the_keys_as_they_are_written() -> None:
    schema, written = outcome.schema(), document(Complete())

    assert set(schema["properties"]) == set(written)
    assert (
        set(schema["$defs"]["Data"]["properties"]) == set(schema["$defs"]["Data"]["required"]) == set(written["data"])
    )
