import json
import re
import time
from pathlib import Path

import pytest

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, LocalParts
from emulators.servicebus.views import MessageView
from tests.integration.cli.conftest import Offboard

BOTH = '{"user": {"userPrincipalName": "a@x.example"}, "device": {"serialNumber": "SN-1"}}'
UNREACHABLE = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=Z2VoZWlt;UseDevelopmentEmulator=true;"


def all_sent(parts: LocalParts, queue: str, event_id: str) -> list[MessageView]:
    return [each for each in parts.service_bus.snapshot(queue).active if json.loads(each.body)["eventId"] == event_id]


def sent(parts: LocalParts, queue: str, event_id: str) -> MessageView:
    (message,) = all_sent(parts, queue, event_id)
    return message


def number_sent(parts: LocalParts) -> int:
    return sum(len(parts.service_bus.snapshot(queue).active) for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT))


def test_a_leaver_goes_to_the_queue_of_leavers(offboard: Offboard, parts: LocalParts) -> None:
    options = ["--user", "anna@contoso.example", "--previous-user", "a@x.example", "--previous-user", "b@x.example"]

    result = offboard("send", *options, "--event-id", "E-1", "--ticket", "T", "--dry-run", "--yes")

    assert (result.exit_code, result.stdout) == (
        0,
        "sent user.offboarded E-1 to user-offboarding\noffboard status E-1 tells what became of it\n",
    )
    message = sent(parts, USER_OFFBOARDING, "E-1")
    assert json.loads(message.body) == {
        "user": {
            "userPrincipalName": "anna@contoso.example",
            "previousUserPrincipalNames": ["a@x.example", "b@x.example"],
        },
        "eventId": "E-1",
        "ticket": "T",
        "dryRun": True,
    }


def test_an_event_sent_dry_and_then_live_arrives_twice(offboard: Offboard, parts: LocalParts) -> None:
    options = ["--user", "anna@contoso.example", "--event-id", "E-2", "--yes"]

    codes = [offboard("send", *options, *more).exit_code for more in (["--dry-run"], [])]

    messages = all_sent(parts, USER_OFFBOARDING, "E-2")
    assert codes == [0, 0]
    assert [json.loads(message.body).get("dryRun") for message in messages] == [True, None]
    assert all(re.fullmatch(r"E-2-[0-9a-f]{8}", str(message.message_id)) for message in messages)


def test_everything_that_an_event_may_hold_can_be_said(offboard: Offboard, parts: LocalParts) -> None:
    options = [
        "--serial-number",
        "SN-1",
        "--resource-account",
        "--resource-account-name",
        "Room 1",
        "--reason",
        "moved out",
    ]

    result = offboard("send", *options, "--occurred-at", "2026-11-20T17:00:00Z", "--event-id", "E-3", "--yes")

    assert result.exit_code == 0
    assert json.loads(sent(parts, DEVICE_RETIREMENT, "E-3").body) == {
        "device": {"serialNumber": "SN-1"},
        "actions": ["unassignUser", "unassignResourceAccount"],
        "resourceAccountName": "Room 1",
        "occurredAt": "2026-11-20T17:00:00Z",
        "reason": "moved out",
        "eventId": "E-3",
    }


def test_the_question_names_whom_it_is_about(offboard: Offboard) -> None:
    result = offboard("send", "--user", "anna@contoso.example", "--event-id", "E-4", typed="n\n")

    assert "Send user.offboarded for anna@contoso.example (event E-4)? " in result.stderr


def test_a_device_goes_to_the_queue_of_devices(offboard: Offboard, parts: LocalParts) -> None:
    result = offboard("send", "--serial-number", "SN-1", "--assigned-user", "anna@contoso.example", "--json", "--yes")

    told = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (told["type"], told["queue"]) == ("device.retired", DEVICE_RETIREMENT)
    body = json.loads(sent(parts, DEVICE_RETIREMENT, told["eventId"]).body)
    assert body["device"] == {"serialNumber": "SN-1"}
    assert body["assignedUserPrincipalName"] == "anna@contoso.example"


def test_an_event_may_come_from_a_file(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    file = tmp_path / "event.json"
    file.write_text('{"eventId": "F-1", "device": {"autopilotDeviceId": "d1"}}', encoding="utf-8")

    assert offboard("send", "--file", str(file), "--yes").exit_code == 0
    assert json.loads(sent(parts, DEVICE_RETIREMENT, "F-1").body) == json.loads(file.read_text(encoding="utf-8"))


def test_an_event_may_come_from_standard_input(offboard: Offboard, parts: LocalParts) -> None:
    body = '{"eventId": "I-1", "user": {"userPrincipalName": "anna@contoso.example"}}'

    assert offboard("send", "--file", "-", "--yes", typed=body).exit_code == 0
    assert json.loads(sent(parts, USER_OFFBOARDING, "I-1").body) == json.loads(body)


@pytest.mark.parametrize(
    ("arguments", "typed", "says"),
    [
        (["--user", "anna@contoso.example"], "", "give --yes"),
        (["--user", "anna@contoso.example"], "n\n", "nothing was done"),
        (["--user", "anna", "--yes"], "", "$.user.userPrincipalName"),
        (["--user", "a@x.example", "--effective-at", "tomorrow", "--yes"], "", "$.effectiveAt"),
        (["--file", "-", "--yes"], '{"device": {}}', "$.device"),
        (["--file", "-", "--user", "a@x.example", "--yes"], '{"device": {"serialNumber": "SN-1"}}', "not both"),
        (["--file", "-", "--yes"], BOTH, "both a user and a device"),
        (["--user", "a@x.example", "--resource-account-name", "R", "--yes"], "", "go with a device"),
        (["--user", "\udcff@x.example", "--yes"], "", "bytes that are no text"),
        (["--serial-number", "SN-1", "--assigned-user", "", "--yes"], "", "$.assignedUserPrincipalName"),
        (["--yes"], "", "give either"),
    ],
    ids=[
        "nobody to ask",
        "no",
        "a bad name",
        "a bad time",
        "a bad file",
        "file and user",
        "a file with two",
        "a device's option",
        "no text",
        "an empty name",
        "nothing",
    ],
)
def test_what_is_refused_sends_nothing(
    offboard: Offboard, parts: LocalParts, arguments: list[str], typed: str, says: str
) -> None:
    before = number_sent(parts)

    result = offboard("send", *arguments, typed=typed)

    assert result.exit_code == 2
    assert says in result.stderr
    assert number_sent(parts) == before


@pytest.mark.parametrize(
    ("connection", "says"),
    [
        (UNREACHABLE, "user-offboarding could not be reached"),
        ("Endpoint=geheim", "ServiceBusConnection is not a connection string"),
        ("", "ServiceBusConnection is missing"),
    ],
    ids=["nobody answers", "no connection string", "none"],
)
def test_a_service_bus_that_is_not_there_is_told_within_its_deadline(
    offboard: Offboard, settings: dict[str, str], connection: str, says: str
) -> None:
    started = time.monotonic()

    result = offboard(
        "send", "--user", "a@x.example", "--yes", settings=settings | {"ServiceBusConnection": connection}
    )

    assert result.exit_code == 2
    assert says in result.stderr
    assert "geheim" not in result.output
    assert "Z2VoZWlt" not in result.output
    assert time.monotonic() - started < 25


def test_a_missing_queue_is_named(offboard: Offboard, settings: dict[str, str]) -> None:
    result = offboard("send", "--user", "a@x.example", "--yes", settings=settings | {"USER_OFFBOARDING_QUEUE": " "})

    assert result.exit_code == 2
    assert "USER_OFFBOARDING_QUEUE is missing" in result.stderr


def test_all_that_is_missing_is_named_at_once_before_anybody_is_asked(offboard: Offboard) -> None:
    result = offboard("send", "--user", "a@x.example", typed="y\n", settings={})

    assert result.exit_code == 2
    assert [line.partition(" ")[0] for line in result.stderr.splitlines()] == [
        "USER_OFFBOARDING_QUEUE",
        "ServiceBusConnection",
    ]
