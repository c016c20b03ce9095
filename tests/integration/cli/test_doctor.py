"""`offboard doctor` on emulated services that something is wrong with."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage
from typer.testing import CliRunner, Result

from cli import main
from cli.demo import tenant
from cli.parts import OUTCOMES, USER_OFFBOARDING, LocalParts
from emulators.clock import ManualClock, SystemClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import Status, When
from emulators.identity.emulator import IdentityEmulator
from emulators.servicebus.rights import Claim
from shared.journal.location import TableStorage
from shared.journal.table_connection import TableConnection
from shared.settings import reading
from shared.settings.fields import TABLE
from tests import azurite

WRITE = "DeviceManagementServiceConfig.ReadWrite.All"
NOWHERE = "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=a;SharedAccessKey=Z2VoZWlt;UseDevelopmentEmulator=true;"


class Surgery:
    """`examine()` calls the command; settings given here win, and None takes one away."""

    def __init__(self, parts: LocalParts, journal: Path) -> None:
        self.parts = parts
        self.journal = journal

    def call(self, *arguments: str, **settings: str | None) -> Result:
        ours = {each.name for each in TABLE.values()} & reading.process_environment().keys()
        environment = {**dict.fromkeys(ours), **self.parts.environment(self.journal), **settings}
        return CliRunner().invoke(main.app, ["doctor", *arguments], env=environment)

    def examine(self, **settings: str | None) -> tuple[int, dict[str, Any]]:
        """The exit code, and of each check what is not well: status, finding and mend."""
        result = self.call("--json", **settings)
        assert result.stderr == ""
        wrong: dict[str, Any] = {}
        for each in json.loads(result.stdout)["checks"]:
            if each["status"] != "ok":
                assert each["mend"]
                wrong.setdefault(each["check"], []).append((each["status"], each["finding"]))
        return result.exit_code, wrong


@contextmanager
def opened(folder: Path, *, roles: tuple[str, ...] = (WRITE,), ahead: timedelta = timedelta(0)) -> Iterator[Surgery]:
    parts = LocalParts(tenant.build())
    parts.identity = IdentityEmulator(roles=roles)
    parts.graph = GraphEmulator(tenant.build(), clock=ManualClock(SystemClock().now() + ahead))
    with ExitStack() as stack:
        yield Surgery(stack.enter_context(parts), folder / "journal.sqlite3")


@pytest.fixture
def surgery(tmp_path: Path) -> Iterator[Surgery]:
    with opened(tmp_path) as surgery:
        yield surgery


def test_a_sound_set_up_is_well_and_is_left_as_it_was(surgery: Surgery, tmp_path: Path) -> None:
    with (
        ServiceBusClient.from_connection_string(surgery.parts.service_bus.connection_string) as client,
        client.get_queue_sender(USER_OFFBOARDING) as sender,
    ):
        sender.send_messages(ServiceBusMessage("a leaver's name", message_id="m1"))

    result = surgery.call()

    assert (result.exit_code, result.stderr) == (0, "")
    assert "All is well." in result.stdout
    assert "leaver" not in result.stdout
    (message,) = surgery.parts.service_bus.snapshot(USER_OFFBOARDING).active
    assert (message.message_id, message.delivery_count) == ("m1", 0)
    assert {call.method for call in surgery.parts.graph.calls} == {"GET"}
    assert list(tmp_path.iterdir()) == []


def test_no_token_and_no_key_is_shown(surgery: Surgery) -> None:
    shown = surgery.call().output + surgery.call("--json").output

    assert "eyJ" not in shown
    assert "SharedAccessKey" not in shown
    assert "application 7e8d0f4c-" in shown


def test_a_missing_setting_is_found(surgery: Surgery) -> None:
    code, wrong = surgery.examine(DEVICE_RETIREMENT_QUEUE=None)

    assert (code, wrong) == (2, {"settings": [("fail", "DEVICE_RETIREMENT_QUEUE is missing")]})


def test_a_wrong_queue_name_is_found(surgery: Surgery) -> None:
    code, wrong = surgery.examine(USER_OFFBOARDING_QUEUE="user-ofboarding")

    ((status, text),) = wrong.pop("service bus")
    assert (code, status, wrong) == (1, "fail", {})
    assert text.startswith("queue user-ofboarding is not there")


@pytest.mark.parametrize(
    ("entity", "claim", "says"),
    [
        (USER_OFFBOARDING, Claim.SEND, "queue user-offboarding: no right to send"),
        (USER_OFFBOARDING, Claim.LISTEN, "queue user-offboarding: no right to receive"),
        (OUTCOMES, Claim.SEND, "topic unassignment-outcomes: no right to send"),
    ],
)
def test_a_missing_right_at_a_queue_or_topic_is_found(surgery: Surgery, entity: str, claim: Claim, says: str) -> None:
    surgery.parts.service_bus.rights.deny(entity, claim)

    assert surgery.examine() == (1, {"service bus": [("fail", says)]})


def test_a_missing_graph_role_is_found(tmp_path: Path) -> None:
    with opened(tmp_path, roles=("DeviceManagementServiceConfig.Read.All",)) as surgery:
        code, wrong = surgery.examine()

    assert code == 1
    assert wrong["graph rights"] == [
        ("fail", f"{WRITE} is missing (to read and unassign Autopilot devices)"),
        ("warn", "more than it needs: DeviceManagementServiceConfig.Read.All"),
    ]


def test_a_missing_role_to_look_users_up_is_found_where_it_is_needed(surgery: Surgery) -> None:
    code, wrong = surgery.examine(RESOLVE_USERS="true")

    assert (code, wrong) == (1, {"graph rights": [("fail", "User.Read.All is missing (as RESOLVE_USERS is on)")]})


def test_excess_graph_roles_are_found_and_fail_nothing(tmp_path: Path) -> None:
    with opened(tmp_path, roles=(WRITE, "User.Read.All", "Directory.ReadWrite.All")) as surgery:
        code, wrong = surgery.examine()

    assert code == 0
    assert wrong == {"graph rights": [("warn", "more than it needs: Directory.ReadWrite.All, User.Read.All")]}


def test_an_unreachable_graph_is_found(surgery: Surgery) -> None:
    code, wrong = surgery.examine(GRAPH_ENDPOINT="http://127.0.0.1:1")

    assert code == 2
    assert wrong["graph"] == [("fail", "http://127.0.0.1:1: graph could not be reached: ConnectError")]
    assert set(wrong) == {"graph", "clock"}


@pytest.mark.parametrize(("ahead", "says"), [(1, "60 min behind Graph's"), (-1, "60 min ahead of Graph's")])
def test_a_clock_an_hour_off_is_found(tmp_path: Path, ahead: int, says: str) -> None:
    with opened(tmp_path, ahead=timedelta(hours=ahead)) as surgery:
        assert surgery.examine() == (1, {"clock": [("fail", says)]})


def test_no_sign_in_is_found(surgery: Surgery) -> None:
    surgery.parts.identity.faults.add(When(), Status(400))

    code, wrong = surgery.examine(AZURE_TOKEN_CREDENTIALS="ManagedIdentityCredential")

    assert code == 2
    assert wrong["identity"] == [("fail", "no token for Graph: ClientAuthenticationError")]


@pytest.mark.parametrize(("status", "code", "worst"), [(403, 1, "fail"), (429, 0, "warn"), (503, 1, "fail")])
def test_a_graph_that_refuses_is_told_from_one_that_is_busy(
    surgery: Surgery, status: int, code: int, worst: str
) -> None:
    surgery.parts.graph.faults.add(When(method="GET"), Status(status))

    found, wrong = surgery.examine()

    assert (found, wrong["graph"][0][0]) == (code, worst)


def test_an_unreachable_service_bus_is_told_once(surgery: Surgery) -> None:
    code, wrong = surgery.examine(ServiceBusConnection=NOWHERE)

    assert code == 2
    assert wrong == {"service bus": [("fail", "the namespace cannot be reached (ServiceBusConnectionError)")]}


def test_what_a_wrong_setting_leads_to_is_not_checked(surgery: Surgery) -> None:
    code, wrong = surgery.examine(GRAPH_ENDPOINT="http://elsewhere", ServiceBusConnection=None, JOURNAL_URL="ftp://x")

    assert code == 2
    assert len(wrong["settings"]) == 3
    assert wrong["graph"] == [("warn", "not checked: GRAPH_ENDPOINT leads nowhere")]
    assert wrong["service bus"] == [("warn", "not checked: ServiceBusConnection leads nowhere")]
    assert wrong["journal"] == [("warn", "not checked: JOURNAL_URL leads nowhere")]
    assert not surgery.parts.graph.calls


def test_a_queue_of_verifications_that_is_given_is_checked(surgery: Surgery) -> None:
    code, wrong = surgery.examine(VERIFICATION_QUEUE="nonsuch")

    assert code == 1
    assert any("queue nonsuch is not there" in text for _, text in wrong["service bus"])


def test_a_file_that_is_no_journal_is_found(surgery: Surgery) -> None:
    surgery.journal.write_text("something else, and long enough to be looked at" * 30)

    code, wrong = surgery.examine()

    assert (code, wrong["journal"][0][0]) == (1, "fail")


def test_a_journal_where_no_file_can_be_is_found(surgery: Surgery, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    code, wrong = surgery.examine(JOURNAL_URL=f"sqlite:///{tmp_path}/file/journal.sqlite3")

    assert code == 1
    assert wrong["journal"] == [("fail", f"{tmp_path}/file/journal.sqlite3 cannot be made")]


async def make(table: TableStorage) -> None:
    connection = TableConnection(table, lambda: pytest.fail("Azurite has a key"))
    await connection.query("anything")
    await connection.close()


def test_a_table_is_looked_for_and_not_made(surgery: Surgery) -> None:
    with azurite.running() as tables:
        url = f"{tables.endpoint}/journal"
        absent = [surgery.examine(JOURNAL_URL=url) for _ in range(2)]
        asyncio.run(make(TableStorage(tables.endpoint, "journal")))
        present = surgery.examine(JOURNAL_URL=url)

    assert absent == [(0, {"journal": [("warn", f"table journal at {tables.endpoint} is not there yet")]})] * 2
    assert present == (0, {})
