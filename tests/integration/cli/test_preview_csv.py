import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from cli.demo.tenant import identifier, user
from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.graph.faults import Status, When
from tests.integration.cli.conftest import Offboard


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "leavers.csv"
    names = ["adele.vance", "nobody", "kiosk", "lee.gu"]
    path.write_text("userPrincipalName\n" + "".join(f"{user(name)}\n" for name in names), encoding="utf-8")
    return str(path)


def test_each_rows_devices_are_shown_from_one_look_at_the_list(
    offboard: Offboard, parts: LocalParts, file: str
) -> None:
    before = len(parts.graph.calls)

    result = offboard("preview", "--csv", file, "--json")

    shown = json.loads(result.stdout)
    calls = parts.graph.calls[before:]
    lists = [call for call in calls if call.path.endswith("/windowsAutopilotDeviceIdentities")]
    assert result.exit_code == 1  # one would be dead-lettered
    assert [(row["row"], row["about"], row["outcome"], row.get("reason")) for row in shown["rows"]] == [
        (2, user("adele.vance"), "wouldUnassign", None),
        (3, user("nobody"), "noDevices", None),
        (4, user("kiosk"), "failed", "TooManyDevices"),
        (5, user("lee.gu"), "wouldUnassign", None),
    ]
    assert identifier("adele's laptop") in {device["autopilotDeviceId"] for device in shown["rows"][0]["devices"]}
    devices = sum(len(row["devices"]) for row in shown["rows"])
    assert shown["cost"] == {"reads": len(calls), "writes": devices}
    assert len(calls) == len(lists) + devices
    assert {call.method for call in calls} == {"GET"}


def test_people_get_a_line_for_each_device_and_the_sum(offboard: Offboard, file: str) -> None:
    result = offboard("preview", "--csv", file)

    lines = result.stdout.splitlines()
    assert lines[0].split() == ["row", "outcome", "serialNumber", "assigned", "autopilotDeviceId", "action", "detail"]
    assert [line.split()[:2] for line in lines[4:6]] == [["3", "noDevices"], ["4", "failed"]]
    assert lines[5].split()[-1] == "TooManyDevices"
    assert lines[-2] == "4 wouldUnassign, 1 noDevices, 1 failed"
    assert lines[-1].startswith("a live run: ")
    assert "reading userPrincipalName as user.userPrincipalName" in result.stderr


def test_a_preview_of_one_tells_its_cost_too(offboard: Offboard) -> None:
    as_json, for_people = (offboard("preview", "--user", user("adele.vance"), *more) for more in (["--json"], []))

    cost = json.loads(as_json.stdout)["cost"]
    assert cost["writes"] == 3
    assert cost["reads"] > 3
    assert f"a live run: {cost['reads'] + 3} requests to Graph ({cost['reads']} reads, 3 writes)\n" in for_people.stdout


def test_a_graph_out_of_reach_is_no_answer(offboard: Offboard, parts: LocalParts, file: str) -> None:
    parts.graph.faults.add(When(method="GET"), Status(503))

    result = offboard("preview", "--csv", file)
    parts.graph.faults.clear()

    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing can be said: GraphUnavailable" in result.stderr


def test_a_file_with_a_wrong_row_is_not_looked_at(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("userPrincipalName\nanna\n", encoding="utf-8")
    before = len(parts.graph.calls)

    result = offboard("preview", "--csv", str(path))

    assert result.exit_code == 2
    assert "row 2: userPrincipalName: must be a user principal name" in result.stderr
    assert len(parts.graph.calls) == before


def test_a_row_that_waits_in_the_queue_is_told_with_its_time(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    path = tmp_path / "one.csv"
    path.write_text(f"userPrincipalName,eventId\n{user('lee.gu')},W-1\n{user('adele.vance')},W-2\n", encoding="utf-8")
    with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as sender,
    ):
        due = datetime(2030, 1, 2, 3, 4, tzinfo=UTC)
        number = sender.schedule_messages(ServiceBusMessage("{}", message_id="W-1-live"), due)

        shown, told = (offboard("preview", "--csv", str(path), *more) for more in (["--json"], []))
        sender.cancel_scheduled_messages(number)

    document = json.loads(shown.stdout)
    first, second = document["rows"]
    assert document["queue"] == {"lookedAt": True, "why": None}
    assert (first["inQueue"], first["inQueueUntil"]) == (True, "2030-01-02T03:04:00+00:00")
    assert "inQueue" not in second
    assert "in the queue already until 2030-01-02 03:04 UTC" in told.stdout


def test_the_page_names_every_column_and_every_key_that_there_is(offboard: Offboard, file: str) -> None:
    page = (Path(__file__).parents[3] / "docs" / "csv.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page.partition("## What a preview tells\n")[2]))

    document = json.loads(offboard("preview", "--csv", file, "--json").stdout)
    header = offboard("preview", "--csv", file).stdout.splitlines()[0].split()

    of_rows = {key for row in document["rows"] for each in [row, *row["devices"]] for key in each}
    beside = {key for each in document.values() if isinstance(each, dict) for key in each}
    assert {*header, *document, *of_rows, *beside, "inQueue", "inQueueUntil", "waitsUntil"} <= named
