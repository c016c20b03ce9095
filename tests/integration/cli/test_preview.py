import json
from pathlib import Path

import pytest

from cli.demo.tenant import identifier, user
from cli.parts import LocalParts
from emulators.graph.faults import Status, When
from tests.integration.cli.conftest import Offboard

BUS = {"ServiceBusConnection", "OUTCOMES_TOPIC"}


def changed(parts: LocalParts) -> bool:
    return any(call.method != "GET" for call in parts.graph.calls)


def test_a_leavers_devices_are_shown_and_nothing_is_changed(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    result = offboard("preview", "--user", user("adele.vance").upper(), "--json")

    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert shown["outcome"] == "wouldUnassign"
    assert {line["autopilotDeviceId"] for line in shown["devices"]} == {
        identifier(name) for name in ("adele's laptop", "adele's tablet", "adele's old laptop")
    }
    assert {(line["action"], line["assigned"]) for line in shown["devices"]} == {("unassignUser", user("adele.vance"))}
    assert not changed(parts)
    assert list(tmp_path.iterdir()) == []  # no journal was made


@pytest.mark.parametrize(
    ("option", "value", "device"),
    [
        ("--autopilot-device-id", identifier("given away"), "given away"),
        ("--serial-number", "r90x-retired", "retired by serial"),
        ("--entra-device-id", identifier("retired by entra id/entra"), "retired by entra id"),
        ("--managed-device-id", identifier("retired by intune id/managed"), "retired by intune id"),
    ],
)
def test_a_device_is_found_by_each_of_its_keys(
    offboard: Offboard, parts: LocalParts, option: str, value: str, device: str
) -> None:
    result = offboard("preview", option, value, "--json")

    (line,) = json.loads(result.stdout)["devices"]
    assert result.exit_code == 0
    assert (line["autopilotDeviceId"], line["outcome"]) == (identifier(device), "wouldUnassign")
    assert not changed(parts)


def test_people_get_a_table(offboard: Offboard) -> None:
    result = offboard("preview", "--user", user("lee.gu"))

    assert result.exit_code == 0
    assert "wouldUnassign" in result.stdout


def test_nothing_found_is_said_so(offboard: Offboard) -> None:
    result = offboard("preview", "--user", user("nobody"))

    assert result.exit_code == 0
    assert "none was found" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--user", user("kiosk")], "TooManyDevices"),
        (["--serial-number", "TWIN-1"], "AmbiguousDevice"),
        (["--serial-number", "To be filled by O.E.M."], "PlaceholderSerialNumber"),
        (["--autopilot-device-id", identifier("meeting room"), "--resource-account"], "ActionNotAllowed"),
        (["--user-id", identifier("user lee.gu")], "UserNotResolvable"),
    ],
    ids=["too many", "two with one key", "a placeholder", "switched off", "no name"],
)
def test_what_would_be_dead_lettered_ends_with_1_and_its_reason(
    offboard: Offboard, arguments: list[str], reason: str
) -> None:
    as_json, for_people = offboard("preview", *arguments, "--json"), offboard("preview", *arguments)

    assert (as_json.exit_code, for_people.exit_code) == (1, 1)
    assert json.loads(as_json.stdout)["reason"] == reason
    assert f"nothing would be done: {reason}: " in for_people.stderr


def test_a_graph_that_refuses_us_ends_with_1(offboard: Offboard, parts: LocalParts) -> None:
    parts.graph.faults.add(When(method="GET"), Status(403))

    result = offboard("preview", "--user", user("lee.gu"))
    parts.graph.faults.clear()

    assert result.exit_code == 1
    assert "GraphPermissionDenied" in result.stderr


def test_a_graph_out_of_reach_is_no_answer(offboard: Offboard, settings: dict[str, str]) -> None:
    elsewhere = settings | {"GRAPH_ENDPOINT": "http://127.0.0.1:1"}

    result = offboard("preview", "--user", user("lee.gu"), "--json", settings=elsewhere)

    assert (result.exit_code, result.stdout) == (2, "")
    assert "nothing can be said: GraphUnavailable" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "says"),
    [([], "give either"), (["--user", "anna"], "$.user.userPrincipalName")],
    ids=["nothing", "a bad name"],
)
def test_what_is_no_event_is_a_usage_error(offboard: Offboard, arguments: list[str], says: str) -> None:
    result = offboard("preview", *arguments)

    assert result.exit_code == 2
    assert says in result.stderr


def test_wrong_settings_are_listed(offboard: Offboard, settings: dict[str, str]) -> None:
    result = offboard("preview", "--user", user("lee.gu"), settings=settings | {"DRYRUN": "1"})

    assert result.exit_code == 2
    assert "DRYRUN is not a setting: did you mean DRY_RUN?" in result.stderr


def test_it_needs_no_setting_of_service_bus_and_says_that_the_queue_was_not_looked_into(
    offboard: Offboard, settings: dict[str, str], tmp_path: Path
) -> None:
    graph_alone = {name: settings[name] for name in settings if "QUEUE" not in name and name not in BUS}
    path = tmp_path / "one.csv"
    path.write_text(f"userPrincipalName\n{user('lee.gu')}\n", encoding="utf-8")

    one = offboard("preview", "--user", user("lee.gu"), settings=graph_alone)
    many = offboard("preview", "--csv", str(path), "--json", settings=graph_alone)

    assert (one.exit_code, many.exit_code) == (0, 0)
    assert "not looked into, for what was sent before: its queue" in many.stderr
    assert json.loads(many.stdout)["queue"] == {
        "lookedAt": False,
        "why": "its queue: the settings that lead to it are not given",
    }
