"""CSV files of leavers and devices, sent to an emulated Service Bus by the real SDK."""

import json
from pathlib import Path

import pytest

from cli import sending
from cli.events import OutgoingEvent
from cli.parts import DEVICE_RETIREMENT, LocalParts
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.leaver_files import COLUMNS, arrived, leavers, write


def test_of_a_changed_file_only_the_new_rows_arrive(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    first = write(tmp_path / "first.csv", leavers("changed.example", range(3)))
    second = write(tmp_path / "second.csv", leavers("changed.example", [5, 2, 1]))

    codes = [offboard("send", "--csv", file, *COLUMNS, "--yes").exit_code for file in (first, second)]

    assert codes == [0, 0]
    assert arrived(parts, "changed.example") == [f"leaver{number}@changed.example" for number in (0, 1, 2, 5)]


def test_a_file_sent_dry_and_then_live_arrives_twice_and_a_word_makes_it_arrive_again(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("dry.example", range(2)))

    for more in (["--dry-run"], [], ["--again", "spring"], ["--again", "spring"]):
        assert offboard("send", "--csv", file, *COLUMNS, *more, "--yes").exit_code == 0

    assert len(arrived(parts, "dry.example")) == 6


def test_devices_go_to_their_queue_with_the_options_for_all(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = tmp_path / "devices.csv"
    file.write_text("Serial number,Asset tag\nCSV-1,7\nCSV-2,8\n", encoding="utf-8")
    options = ["--resource-account", "--effective-at", "2026-12-01T18:00:00Z", "--ticket", "T", "--json", "--yes"]

    result = offboard("send", "--csv", str(file), *options)

    told = json.loads(result.stdout)
    bodies = [json.loads(each.body) for each in parts.service_bus.snapshot(DEVICE_RETIREMENT).active]
    sent = [body for body in bodies if body.get("device", {}).get("serialNumber", "").startswith("CSV-")]
    assert (told["type"], told["queue"], told["sent"]) == ("device.retired", DEVICE_RETIREMENT, 2)
    assert [(row["row"], row["eventId"]) for row in told["events"]] == [
        (number, body["eventId"]) for number, body in zip((2, 3), sent, strict=True)
    ]
    assert {(*body["actions"], body["effectiveAt"], body["ticket"]) for body in sent} == {
        ("unassignUser", "unassignResourceAccount", "2026-12-01T18:00:00Z", "T")
    }


def test_the_question_tells_what_is_read_and_how_many_there_are(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("asked.example", range(2)))

    result = offboard("send", "--csv", file, *COLUMNS, typed="n\n")

    assert result.exit_code == 2
    assert "reading Work Email as user.userPrincipalName; not reading Name, Last day" in result.stderr
    assert "Send 2 user.offboarded, the first for leaver0@asked.example? " in result.stderr
    assert arrived(parts, "asked.example") == []


def test_a_file_may_come_from_standard_input(offboard: Offboard, parts: LocalParts) -> None:
    result = offboard("send", "--csv", "-", "--yes", typed="userPrincipalName\na@stdin.example\n")

    assert result.exit_code == 0
    assert arrived(parts, "stdin.example") == ["a@stdin.example"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--csv", "-", "--user", "a@x.example"], "not both"),
        (["--csv", "-", "--file", "-"], "not both"),
        (["--csv", "-", "--event-id", "E"], "not both"),
        (
            ["--user", "a@x.example", "--again", "x"],
            "--column, --ignore, --event, --delimiter and --again go with --csv",
        ),
        (["--user", "a@x.example", "--column", "id=x"], "go with --csv"),
        (["--csv", "-", "--resource-account-name", "R"], "go with a device"),
        (["--csv", "-", "--effective-at", "tomorrow"], "row 2: $.effectiveAt: must be an RFC 3339 time"),
    ],
)
def test_what_does_not_go_together_is_refused(offboard: Offboard, arguments: list[str], says: str) -> None:
    result = offboard("send", *arguments, "--yes", typed="userPrincipalName\na@x.example\n")

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr


@pytest.mark.parametrize(("dry_run", "ending"), [(True, "-dry"), (None, "-live"), (False, "-live")])
def test_message_ids_are_for_dry_or_live_and_never_those_of_copies(dry_run: bool | None, ending: str) -> None:
    event = OutgoingEvent("user.offboarded", {"dryRun": dry_run}, "E:7")

    assert sending.steady_message_id(event) == f"E:7{ending}"
    assert sending.steady_message_id(event, "0f1e2d3c") == f"E:7{ending}-0f1e2d3c"
    assert len(sending.steady_message_id(OutgoingEvent("user.offboarded", {}, "x" * 128))) == 128


@pytest.mark.parametrize("command", [["send", "--yes"], ["preview"]], ids=["send", "preview"])
def test_rows_that_are_wrong_are_told_as_one_json_document_too(
    offboard: Offboard, tmp_path: Path, command: list[str]
) -> None:
    file = tmp_path / "leavers.csv"
    file.write_text("userPrincipalName,ticket\nanna,T\nb@x.example,T\nb@x.example,T\n", encoding="utf-8")

    result = offboard(*command, "--csv", str(file), "--json")

    told = json.loads(result.stdout)
    assert result.exit_code == 2
    assert told["error"] == "nothing was done: 2 rows need mending in leavers.csv"
    assert [row["row"] for row in told["rows"]] == [2, 4]
    assert all(f"row {row['row']}: {row['problem']}" in result.stderr for row in told["rows"])
