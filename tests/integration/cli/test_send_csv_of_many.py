"""Thousands of leavers, sent to an emulated Service Bus by the real SDK; and what is cut off on the way."""

import re
import signal
import subprocess
import sys
from pathlib import Path

from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.trace import Operation
from shared.settings import reading
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.leaver_files import COLUMNS, arrived, leavers, write
from tests.integration.cli.terminals import half_in_a_terminal
from tests.integration.cli.waiting import until
from tests.personal import nothing_personal

ROOT = Path(__file__).parents[3]


def test_five_thousand_with_three_bad_rows_send_nothing_then_all_and_never_twice(
    offboard: Offboard, settings: dict[str, str], parts: LocalParts, tmp_path: Path
) -> None:
    good = leavers("many.example", range(5000))
    bad = [
        *good[:16],
        "Leaver;leaver.16;x\r\n",
        *good[17:811],
        "Leaver\r\n",
        *good[812:4998],
        "Leaver;;x\r\n",
        *good[4999:],
    ]
    before = write(tmp_path / "before.csv", bad)
    file = write(tmp_path / "leavers.csv", good)

    refused = offboard("send", "--csv", before, *COLUMNS, "--yes")
    none = arrived(parts, "many.example")
    code, told, shown = half_in_a_terminal(["send", "--csv", file, *COLUMNS, "--yes"], settings)
    once = arrived(parts, "many.example")
    again = offboard("send", "--csv", file, *COLUMNS, "--yes")

    assert (refused.exit_code, refused.stdout, none) == (2, "", [])
    assert refused.stderr.splitlines() == [
        "row 18: Work Email: must be a user principal name, such as name@contoso.com",
        "row 813: has 1 cell, the header 3: put quotes around a cell that holds the delimiter",
        "row 5000: $.user: is required",
        "nothing was done: 3 rows need mending in before.csv",
    ]
    said = told.splitlines()
    assert (code, said[0]) == (0, "sent 5000 user.offboarded from leavers.csv to user-offboarding")
    assert re.fullmatch(r"offboard status \S+ tells what became of the first; --json names the ids of all", said[1])
    assert "5000/5000" in shown
    assert "━" in shown
    assert sorted(once) == sorted(f"leaver{number}@many.example" for number in range(5000))
    assert (again.exit_code, again.stdout) == (
        0,
        "sent 0 user.offboarded from leavers.csv to user-offboarding; not again: 5000 in the queue already\n",
    )
    assert arrived(parts, "many.example") == once


def test_what_was_interrupted_is_sent_to_its_end_by_the_same_command(
    offboard: Offboard, parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("cut.example", range(1500)))
    fault = parts.service_bus.faults.add(Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, after=2, times=None))

    cut = offboard("send", "--csv", file, *COLUMNS, "--yes")
    parts.service_bus.faults.lift(fault)
    some = len(arrived(parts, "cut.example"))
    rest = offboard("send", "--csv", file, *COLUMNS, "--yes")

    assert (cut.exit_code, cut.stdout, rest.exit_code) == (2, "", 0)
    assert rest.stdout.startswith(f"sent {1500 - some} user.offboarded from leavers.csv")
    assert f"; not again: {some} in the queue already" in rest.stdout
    assert (
        f"{some} of 1500 are known to have arrived; run the same command again, which acts on none twice: "
        in cut.stderr
    )
    assert "user-offboarding could not be reached (ServiceBusServerBusyError)" in cut.stderr
    assert 0 < some < 1500
    assert sorted(arrived(parts, "cut.example")) == sorted(f"leaver{number}@cut.example" for number in range(1500))


def test_ctrl_c_between_batches_says_how_far_it_came(
    settings: dict[str, str], parts: LocalParts, tmp_path: Path
) -> None:
    file = write(tmp_path / "leavers.csv", leavers("stopped.example", range(1000)))
    queue = parts.service_bus
    fault = queue.faults.add(
        Fault(entity=USER_OFFBOARDING, operation=Operation.SEND, effect=Effect.SILENCE, after=1, times=None)
    )
    environment = {**reading.process_environment(), **settings, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "cli", "send", "--csv", file, *COLUMNS, "--yes"]

    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        until(lambda: any(each.fault == Effect.SILENCE for each in queue.trace if each.operation == Operation.SEND))
        process.send_signal(signal.SIGINT)
        output, told = process.communicate(timeout=30)
        nothing_personal(told.decode(), "what it wrote on standard error")
    queue.faults.lift(fault)

    some = len(arrived(parts, "stopped.example"))
    assert 0 < some < 1000
    assert (process.returncode, output) == (130, b"")
    assert f"stopped: {some} of 1000 are known to have arrived; run the same command again".encode() in told
    assert b"Traceback" not in told
