"""`offboard doctor` on emulated services that something is wrong with."""

from datetime import timedelta
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from cli.parts import OUTCOMES, USER_OFFBOARDING
from emulators.servicebus.rights import Claim
from tests.integration.cli.surgery import WRITE, Surgery, opened


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


@pytest.mark.parametrize("name", ["PROTECTED_USER", "protected_users", "PROTECTEDUSERS", "PROTECTED-USERS"])
def test_a_mistyped_guard_is_found(surgery: Surgery, name: str) -> None:
    code, wrong = surgery.examine(**{name: "ceo@*"})

    assert (code, wrong) == (2, {"settings": [("fail", f"{name} is not a setting")]})
    assert "did you mean PROTECTED_USERS?" in surgery.call(**{name: "ceo@*"}).stdout


def test_a_name_that_looks_like_a_guard_is_told_and_fails_nothing(surgery: Surgery) -> None:
    code, wrong = surgery.examine(PROTECT_USERS="ceo@*")

    assert (code, wrong) == (
        0,
        {"settings": [("warn", "PROTECT_USERS is not a setting, and looks like PROTECTED_USERS")]},
    )


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
