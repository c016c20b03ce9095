"""`offboard dlq replay` that does not come to its end: Ctrl-C, a queue out of reach, a message that somebody else has."""

import json
import signal
import subprocess
import sys

import pytest
from azure.servicebus import ServiceBusClient

from cli import hosting
from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.rights import Claim
from emulators.servicebus.trace import Operation
from shared.servicebus.dead_letter_queue import SUBQUEUE
from shared.settings import reading
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.dlq.conftest import Bury, active, dead
from tests.integration.cli.waiting import until

SILENT_SEND = Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.SILENCE, times=None)


def started(command: list[str], settings: dict[str, str]) -> subprocess.Popen[str]:
    """The command in a process of its own, which can be interrupted."""
    return subprocess.Popen(
        [sys.executable, "-m", "cli", *command],
        cwd=hosting.app_directory(),
        env={**reading.process_environment(), **settings},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize(
    "command",
    [
        ["dlq", "replay", "--all", "--yes"],
        ["send", "--csv", str(hosting.app_directory() / "docs" / "samples" / "devices.csv"), "--yes"],
    ],
    ids=["replay", "send --csv"],
)
def test_stopped_while_it_looks_it_says_that_nothing_was_sent(
    parts: LocalParts, settings: dict[str, str], command: list[str]
) -> None:
    fault = parts.service_bus.faults.add(Fault(operation=Operation.PEEK, effect=Effect.SILENCE, times=None))
    before = len(parts.service_bus.trace)
    with started(command, settings) as process:
        until(lambda: any(each.fault for each in parts.service_bus.trace[before:]))
        process.send_signal(signal.SIGINT)
        shown, told = process.communicate(timeout=60)
    parts.service_bus.faults.lift(fault)

    assert (process.returncode, shown) == (130, "")
    assert "stopped: nothing was sent" in told


def test_pressed_twice_it_gives_back_what_it_holds_and_tells_how_far_it_came(
    offboard: Offboard, bury: Bury, parts: LocalParts, settings: dict[str, str]
) -> None:
    for name in ("i-1", "i-2", "i-3"):
        bury(name)
    fault = parts.service_bus.faults.add(SILENT_SEND)
    before = len(parts.service_bus.trace)
    with started(["dlq", "replay", "--all", "--yes", "--json"], settings) as process:
        until(lambda: any(each.fault for each in parts.service_bus.trace[before:]))
        process.send_signal(signal.SIGINT)
        assert process.stderr is not None
        said = process.stderr.readline()
        process.send_signal(signal.SIGINT)
        told, more = process.communicate(timeout=60)
    parts.service_bus.faults.lift(fault)
    left = dead(parts)  # none of them is locked
    again = offboard("dlq", "replay", "--all", "--yes")

    assert said == "stopping: the one in hand is brought to its end\n"
    assert (process.returncode, more) == (130, "broken off: the same command finishes it\n")
    assert [(each["messageId"], each["result"]) for each in json.loads(told)["deadLetters"]] == [
        ("i-1", "failed"),
        ("i-2", "notReached"),
        ("i-3", "notReached"),
    ]
    assert left == ["i-1", "i-2", "i-3"]
    assert again.exit_code == 0
    assert sorted(str(each.message_id) for each in active(parts)) == ["i-1:r1", "i-2:r1", "i-3:r1"]


def test_what_cannot_be_sent_is_a_connection_to_mend(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("c-1")
    refused = parts.service_bus.faults.add(Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, times=None))

    result = offboard("dlq", "replay", "c-1", "--yes")
    parts.service_bus.faults.lift(refused)

    assert result.exit_code == 2
    assert "1 failed" in result.stdout
    assert "queue user-offboarding: a replay could not be sent" in result.stderr
    assert "check the connection and your rights; the same command finishes it" in result.stderr
    assert dead(parts) == ["c-1"]


def test_what_may_not_be_sent_is_a_right_to_mend(offboard: Offboard, bury: Bury, parts: LocalParts) -> None:
    bury("c-2")
    parts.service_bus.rights.deny(USER_OFFBOARDING, Claim.SEND)

    result = offboard("dlq", "replay", "c-2", "--yes")
    parts.service_bus.rights.grant(USER_OFFBOARDING, Claim.SEND)

    assert result.exit_code == 2
    assert "check the connection and your rights" in result.stderr


def test_what_is_not_handed_out_is_told_with_all_that_may_be_why(
    offboard: Offboard, bury: Bury, parts: LocalParts
) -> None:
    bury("h-1")
    with (
        ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client,
        client.get_queue_receiver(USER_OFFBOARDING + SUBQUEUE) as somebody_else,
    ):
        (held,) = somebody_else.receive_messages(max_wait_time=5)
        result = offboard("dlq", "replay", "h-1", "--yes", "--json")
        somebody_else.abandon_message(held)

    (row,) = json.loads(result.stdout)["deadLetters"]
    assert (result.exit_code, row["result"]) == (1, "notReached")
    assert row["detail"].startswith(
        "was not handed out: somebody else has it locked or has settled it since, or the round"
    )
