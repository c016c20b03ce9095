import json
from pathlib import Path

import pytest

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, LocalParts
from emulators.servicebus.views import MessageView
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.test_send import number_sent

MALFORMED = b'{"user": \xff'


def held(parts: LocalParts, queue: str, message_id: str) -> MessageView:
    (message,) = [each for each in parts.service_bus.snapshot(queue).active if each.message_id == message_id]
    return message


def test_bytes_go_to_the_queue_of_leavers_as_they_are_and_it_is_said_that_nobody_checked(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = tmp_path / "message"
    file.write_bytes(MALFORMED)

    result = offboard("send", "--raw", str(file), "--message-id", "m-1", "--yes")

    assert (result.exit_code, result.stdout) == (0, "sent 10 bytes to user-offboarding as message m-1, unchecked\n")
    assert held(parts, USER_OFFBOARDING, "m-1").body == MALFORMED


def test_standard_input_goes_to_the_queue_that_was_asked_for_under_a_new_id(
    offboard: Offboard, parts: LocalParts
) -> None:
    result = offboard("send", "--raw", "-", "--queue", DEVICE_RETIREMENT, "--yes", "--json", typed=MALFORMED)

    told = json.loads(result.stdout)
    assert (told["queue"], told["bytes"], told["checked"]) == (DEVICE_RETIREMENT, 10, False)
    assert held(parts, DEVICE_RETIREMENT, told["messageId"]).body == MALFORMED


def test_properties_go_along_so_that_a_mapping_that_goes_by_them_can_be_tried(
    offboard: Offboard, parts: LocalParts
) -> None:
    given = ["--property", "origin=hr", "--property", "version=2"]

    result = offboard("send", "--raw", "-", "--message-id", "m-3", *given, "--yes", typed=b"{}")

    assert result.exit_code == 0
    assert held(parts, USER_OFFBOARDING, "m-3").application_properties == {"origin": "hr", "version": 2}


def test_it_asks_and_names_how_much_and_where(offboard: Offboard, parts: LocalParts, tmp_path: Path) -> None:
    file, before = tmp_path / "message", number_sent(parts)
    file.write_bytes(b"{")

    result = offboard("send", "--raw", str(file), "--message-id", "m-2", typed="n\n")

    assert result.exit_code == 2
    assert "Put 1 byte into user-offboarding as they are, unchecked (message m-2)? " in result.stderr
    assert number_sent(parts) == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--raw", "-", "--yes", "--user", "a@x.example"], "leave out the options that describe an event"),
        (["--raw", "-", "--yes", "--csv", "x.csv"], "leave out the options that describe an event"),
        (["--raw", "-", "--yes", "--dry-run"], "leave out the options that describe an event"),
        (["--raw", "-", "--yes", "--queue", "user-ofboarding"], "did you mean user-offboarding?"),
        (["--raw", "-", "--yes", "--message-id", ""], "--message-id must have 1 to 128 characters"),
        (["--raw", "-", "--yes", "--property", "origin"], "--property takes NAME=VALUE, such as --property origin=hr"),
        (["--raw", "nowhere", "--yes"], "nowhere cannot be read"),
        (
            ["--user", "a@x.example", "--yes", "--queue", USER_OFFBOARDING],
            "--queue, --message-id and --property go with --raw",
        ),
        (["--user", "a@x.example", "--yes", "--message-id", "m"], "--queue, --message-id and --property go with --raw"),
        (["--raw", "-"], "give --yes"),
    ],
    ids=[
        "a user",
        "a table",
        "a dry run",
        "another queue",
        "no id",
        "no value",
        "no file",
        "a queue",
        "an id",
        "nobody to ask",
    ],
)
def test_what_is_asked_wrongly_is_refused_in_one_line_and_sends_nothing(
    offboard: Offboard, parts: LocalParts, arguments: list[str], says: str
) -> None:
    before = number_sent(parts)

    result = offboard("send", *arguments, typed=MALFORMED if "--yes" in arguments else "")

    assert (result.exit_code, result.stdout) == (2, "")
    assert says in result.stderr.splitlines()[-1]
    assert number_sent(parts) == before


def test_what_is_larger_than_the_queue_takes_is_said_to_be(offboard: Offboard) -> None:
    result = offboard("send", "--raw", "-", "--yes", typed=b"x" * 1_500_000)

    assert result.exit_code == 2
    assert result.stderr == "nothing was sent: the message is larger than user-offboarding takes\n"
