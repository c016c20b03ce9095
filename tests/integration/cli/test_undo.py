import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from cli.demo.tenant import identifier, user
from cli.parts import LocalParts
from emulators.graph.faults import Status, When
from shared.domain.device import AutopilotDevice
from shared.domain.events import Action
from shared.domain.history import Step
from tests import builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.recorded import LONG_AGO, before, unassigned, write

LEE = user("lee.gu")
DEVICE = identifier("given away")


@pytest.fixture
def cleared(parts: LocalParts) -> Iterator[AutopilotDevice]:
    """A device whose user an event has unassigned."""
    device = parts.graph.tenant.devices[DEVICE]
    user_before, greeting = device.user_principal_name, device.addressable_user_name
    found = before(parts.graph.tenant, "given away")
    device.user_principal_name = device.addressable_user_name = ""
    yield found
    device.user_principal_name, device.addressable_user_name = user_before, greeting


@pytest.fixture
def journal(tmp_path: Path) -> Path:
    return tmp_path / "journal.sqlite3"


def test_without_yes_it_is_shown_and_nothing_is_done(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    write(journal, *unassigned(cleared))

    result = offboard("undo", "HR-1")

    assert result.exit_code == 0
    assert "wouldRestore" in result.stdout
    assert "nothing was done: give --yes to go ahead" in result.stdout
    assert parts.graph.tenant.devices[DEVICE].user_principal_name == ""


def test_what_if_is_the_same_as_no_yes_and_contradicts_it(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    write(journal, *unassigned(cleared))

    shown, both = offboard("undo", "HR-1", "--what-if"), offboard("undo", "HR-1", "--what-if", "--yes")

    assert (shown.exit_code, shown.stdout) == (0, offboard("undo", "HR-1").stdout)
    assert (both.exit_code, both.stdout) == (2, "")
    assert both.stderr == "--what-if and --yes contradict each other: give one of them\n"
    assert parts.graph.tenant.devices[DEVICE].user_principal_name == ""


def test_with_yes_the_former_user_is_assigned_again(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    write(journal, *unassigned(cleared))

    result = offboard("undo", "HR-1", "--yes", "--operator", "Grace", "--because", "wrong leaver", "--json")

    shown = json.loads(result.stdout)
    assert result.exit_code == 0
    assert (shown["eventId"], shown["eventType"], shown["done"]) == ("HR-1", "user.offboarded", True)
    assert [(line["result"], line["autopilotDeviceId"]) for line in shown["devices"]] == [("restored", DEVICE)]
    record = parts.graph.tenant.devices[DEVICE]
    assert (record.user_principal_name, record.addressable_user_name) == (cleared.user_principal_name, "Lee")


def test_what_was_undone_before_and_is_clear_again_is_left_alone_and_says_since_when(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    undone = builders.entry(Step.RESTORED, cleared, at=LONG_AGO + timedelta(days=1), event_id="user.offboarded:HR-1")
    write(journal, *unassigned(cleared), undone)

    result = offboard("undo", "HR-1", "--yes", "--json")

    (line,) = json.loads(result.stdout)["devices"]
    assert (result.exit_code, line["result"]) == (1, "undoneBefore")
    assert line["detail"].startswith("the event was undone on 2026-11-03 09:30 UTC")
    assert parts.graph.tenant.devices[DEVICE].user_principal_name == ""


def test_rule_8_a_service_that_is_dry_undoes_nothing(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice, settings: dict[str, str]
) -> None:
    write(journal, *unassigned(cleared))

    result = offboard("undo", "HR-1", "--yes", settings=settings | {"DRY_RUN": "true"})

    assert result.exit_code == 0
    assert "nothing was done: DRY_RUN is true" in result.stdout
    assert parts.graph.tenant.devices[DEVICE].user_principal_name == ""


def test_a_resource_account_and_a_device_that_graph_does_not_tell_of_are_said_and_the_rest_is_done(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    room = before(parts.graph.tenant, "meeting room")
    tablet = before(parts.graph.tenant, "adele's tablet")
    account = unassigned(room, action=Action.UNASSIGN_RESOURCE_ACCOUNT)
    write(journal, *account, *unassigned(tablet), *unassigned(cleared))
    parts.graph.faults.add(When(method="GET", path=tablet.autopilot_device_id), Status(503))

    result = offboard("undo", "HR-1", "--yes", "--json")
    parts.graph.faults.clear()

    lines = {line["autopilotDeviceId"]: line for line in json.loads(result.stdout)["devices"]}
    assert result.exit_code == 1
    assert {id_: line["result"] for id_, line in lines.items()} == {
        room.autopilot_device_id: "notPossible",
        tablet.autopilot_device_id: "failed",
        DEVICE: "restored",
    }
    assert "undo it again" in lines[tablet.autopilot_device_id]["detail"]
    assert "do it in Intune" in lines[room.autopilot_device_id]["detail"]


def test_an_id_of_two_events_asks_which(offboard: Offboard, journal: Path, cleared: AutopilotDevice) -> None:
    write(journal, *unassigned(cleared), *unassigned(cleared, "device.retired:HR-1"))

    unclear, chosen = offboard("undo", "HR-1"), offboard("undo", "HR-1", "--type", "device.retired", "--json")

    assert unclear.exit_code == 2
    assert "give --type user.offboarded, or --type device.retired" in unclear.stderr
    assert json.loads(chosen.stdout)["eventType"] == "device.retired"


def test_one_device_of_an_event_may_be_chosen(
    offboard: Offboard, parts: LocalParts, journal: Path, cleared: AutopilotDevice
) -> None:
    write(journal, *unassigned(before(parts.graph.tenant, "adele's tablet")), *unassigned(cleared))

    one = offboard("undo", "HR-1", "--device", DEVICE.upper(), "--json")
    by_serial = offboard("undo", "HR-1", "--device", str(cleared.serial_number).lower(), "--json")
    other = offboard("undo", "HR-1", "--device", identifier("meeting room"))

    assert [line["autopilotDeviceId"] for line in json.loads(one.stdout)["devices"]] == [DEVICE]
    assert by_serial.stdout == one.stdout
    assert other.exit_code == 2
    assert "give --device" in other.stderr


def test_an_event_that_nobody_knows_is_said_so(offboard: Offboard, journal: Path, cleared: AutopilotDevice) -> None:
    write(journal, *unassigned(cleared))

    result, as_json = offboard("undo", "HR-2", "--yes"), offboard("undo", "HR-2", "--yes", "--json")

    assert (result.exit_code, result.stdout, as_json.exit_code) == (1, "", 1)
    assert "nothing is on record about event HR-2" in result.stderr
    told = json.loads(as_json.stdout)
    assert (told["eventId"], told["done"], told["devices"]) == ("HR-2", False, [])
    assert told["error"] == result.stderr.strip()


def test_a_journal_that_does_not_exist_is_not_made(offboard: Offboard, journal: Path) -> None:
    result = offboard("undo", "HR-1")

    assert result.exit_code == 2
    assert "JOURNAL_URL names" in result.stderr
    assert not journal.exists()
