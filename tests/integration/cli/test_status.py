import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from cli.demo.tenant import user
from cli.parts import USER_OFFBOARDING, LocalParts
from shared.domain.device import AutopilotDevice
from shared.domain.history import Step
from shared.domain.identifiers import EventId
from tests import builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Bury, Gravedigger
from tests.integration.cli.recorded import LONG_AGO, before, ended, unassigned, write

LEE = user("lee.gu")


@pytest.fixture(scope="module")
def bury(parts: LocalParts) -> Iterator[Bury]:
    with ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client:
        yield Gravedigger(client)


@pytest.fixture
def device(parts: LocalParts) -> AutopilotDevice:
    return before(parts.graph.tenant, "adele's tablet")


@pytest.fixture
def journal(tmp_path: Path, device: AutopilotDevice) -> Path:
    path = tmp_path / "journal.sqlite3"
    later = unassigned(device, "device.retired:HR-1")
    history = builders.entry(Step.CLEAR, device, at=LONG_AGO, event_id=EventId("device:d"))
    write(path, *later, *unassigned(device), *unassigned(device, "user.offboarded:HR-2"), history)
    return path


def events(stdout: str) -> list[tuple[str, str]]:
    return [(event["eventType"], event["eventId"]) for event in json.loads(stdout)["events"]]


def test_an_event_is_shown_by_its_id_of_either_type_or_of_one(offboard: Offboard, journal: Path) -> None:
    both = offboard("status", "HR-1", "--json")
    one = offboard("status", "HR-1", "--type", "device.retired", "--json")

    assert (both.exit_code, one.exit_code) == (0, 0)
    assert sorted(events(both.stdout)) == [("device.retired", "HR-1"), ("user.offboarded", "HR-1")]
    assert events(one.stdout) == [("device.retired", "HR-1")]


def test_all_events_about_a_user_or_a_device_are_found(
    offboard: Offboard, journal: Path, device: AutopilotDevice
) -> None:
    by_user = offboard("status", "--user", str(device.user_principal_name).upper(), "--json")
    by_serial = offboard("status", "--serial", str(device.serial_number).lower(), "--json")

    assert len(events(by_user.stdout)) == 3, "a device's own history is no event"
    assert sorted(events(by_user.stdout)) == sorted(events(by_serial.stdout))


def test_what_was_unassigned_at_a_terminal_is_shown_and_found_too(
    offboard: Offboard, journal: Path, device: AutopilotDevice
) -> None:
    write(journal, *unassigned(device, "terminal-1"))

    by_id = offboard("status", "terminal-1")
    by_user = offboard("status", "--user", str(device.user_principal_name), "--json")
    undo = offboard("undo", "terminal-1", "--json")

    assert "terminal-1  at a terminal" in by_id.stdout
    assert (None, "terminal-1") in [
        (event["eventType"], event["eventId"]) for event in json.loads(by_user.stdout)["events"]
    ]
    assert json.loads(undo.stdout)["eventId"] == "terminal-1"


def test_what_ended_with_a_ticket_is_found_and_told(offboard: Offboard, journal: Path) -> None:
    write(
        journal,
        *(
            ended(f"user.offboarded:{event}", ticket=f"CHG-{number}")
            for event, number in (("HR-2", 77), ("HR-5", 77), ("HR-6", 78))
        ),
    )

    found, told = offboard("status", "--ticket", "chg-77", "--json"), offboard("status", "--ticket", "CHG-78")

    assert sorted(events(found.stdout)) == [("user.offboarded", "HR-2"), ("user.offboarded", "HR-5")]
    assert told.exit_code == 0
    assert "ticket        CHG-78" in told.stdout


def test_of_very_many_each_is_told_in_one_line(offboard: Offboard, journal: Path) -> None:
    write(journal, *(ended(f"user.offboarded:HR-{number}", ticket="CHG-9") for number in range(100, 112)))

    told = offboard("status", "--ticket", "CHG-9")

    lines = told.stdout.splitlines()
    assert lines[0].split() == ["event", "ended", "outcome", "devices"]
    assert [line.split() for line in lines[1:13]] == [
        [f"HR-{number}", "2026-11-02", "noDevices", "0"] for number in range(100, 112)
    ]
    assert lines[13].startswith("12 events; offboard status EVENT_ID tells all of one")


def test_people_get_a_table(offboard: Offboard, journal: Path, device: AutopilotDevice) -> None:
    result = offboard("status", "HR-2")

    assert result.exit_code == 0
    assert "Graph accepted the unassignment" in result.stdout
    assert str(device.serial_number) in result.stdout


@pytest.mark.parametrize(
    "question",
    [["HR-9"], ["--user", LEE], ["--serial", "nowhere"], ["--ticket", "T-9"]],
    ids=["event", "user", "device", "ticket"],
)
def test_what_nobody_knows_is_said_so(offboard: Offboard, journal: Path, question: list[str]) -> None:
    result, as_json = offboard("status", *question), offboard("status", *question, "--json")

    assert (result.exit_code, result.stdout) == (1, "")
    assert "nothing is on record about" in result.stderr
    document = json.loads(as_json.stdout)
    assert (document["events"], document["inQueue"], document["deadLetters"]) == ([], [], [])
    assert document["queues"] == {"lookedAt": question == ["HR-9"], "why": None}


@pytest.mark.parametrize(
    "question",
    [[], ["HR-1", "--user", LEE], ["--user", " "], ["--ticket", ""], ["--user", LEE, "--ticket", "T-1"]],
    ids=["nothing", "two things", "a blank", "an empty ticket", "user and ticket"],
)
def test_one_question_at_a_time(offboard: Offboard, journal: Path, question: list[str]) -> None:
    result = offboard("status", *question)

    assert result.exit_code == 2
    assert "say what about: EVENT_ID, --user UPN, --serial NUMBER, or --ticket TEXT" in result.stderr


def test_a_journal_out_of_reach_is_a_connection_error(
    offboard: Offboard, journal: Path, settings: dict[str, str]
) -> None:
    journal.write_text("somebody else's notes, long enough to be looked at as a database header would be " * 20)

    result = offboard("status", "HR-1")

    assert result.exit_code == 2
    assert "check JOURNAL_URL" in result.stderr


def test_an_event_that_waits_in_the_queue_is_said_to_and_until_when(
    offboard: Offboard, parts: LocalParts, journal: Path
) -> None:
    due = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
    body = json.dumps({"user": {"userPrincipalName": LEE}, "eventId": "HR-later"})
    with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as sender,
    ):
        number = sender.schedule_messages(ServiceBusMessage(body, message_id="later"), due)

        told, shown = offboard("status", "HR-later"), offboard("status", "HR-later", "--json")
        other = offboard("status", "HR-later", "--type", "device.retired")
        sender.cancel_scheduled_messages(number)

    assert (told.exit_code, shown.exit_code) == (1, 1)
    assert "it waits in user-offboarding until 2030-01-02 03:04 UTC" in told.stderr
    assert json.loads(shown.stdout)["inQueue"] == [{"queue": "user-offboarding", "until": "2030-01-02T03:04:00+00:00"}]
    assert "it waits in" not in other.stderr


BROKEN = {
    "no JSON": b'{"eventId": "HR-buried-1", "user": {',
    "a key that nobody reads": b'{"event_id": "HR-buried-2", "user": {"userPrincipalName": 7}}',
    "UTF-16": '{"eventId": "HR-buried-3"}'.encode("utf-16"),
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_event_in_a_dead_letter_that_could_not_be_read_is_said_to_be_there(
    offboard: Offboard, bury: Bury, journal: Path, body: bytes
) -> None:
    event_id = f"HR-buried-{list(BROKEN.values()).index(body) + 1}"
    bury(f"m-{event_id}-x", body, reason="InvalidMessage", description="$: must be JSON")

    told, shown, other = (
        offboard("status", event_id),
        offboard("status", event_id, "--json"),
        offboard("status", event_id[:-1]),
    )

    (letter,) = json.loads(shown.stdout)["deadLetters"]
    number = letter["number"]
    assert (told.exit_code, shown.exit_code) == (1, 1)
    assert (letter["queue"], letter["reason"]) == ("user-offboarding", "InvalidMessage")
    assert f"a dead letter in user-offboarding (number {number}) names it: offboard dlq show {number}" in told.stderr
    assert "names it" not in other.stderr
    assert "was dead-lettered before it could be read (offboard dlq list)" in other.stderr


UNREACHABLE = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=Z2VoZWlt;UseDevelopmentEmulator=true;"


def test_queues_that_could_not_be_looked_into_are_said_so(
    offboard: Offboard, journal: Path, settings: dict[str, str]
) -> None:
    away = settings | {"ServiceBusConnection": UNREACHABLE}

    told, shown = offboard("status", "HR-9", settings=away), offboard("status", "HR-9", "--json", settings=away)

    assert (told.exit_code, shown.exit_code) == (1, 1)
    assert "nothing is on record about event HR-9" in told.stderr
    assert "the queues could not be looked into: user-offboarding (" in told.stderr
    queues = json.loads(shown.stdout)["queues"]
    assert queues["lookedAt"] is False
    assert "user-offboarding (" in queues["why"]
