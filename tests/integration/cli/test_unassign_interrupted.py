"""Ctrl-C while `offboard unassign` is at work, in a process of its own."""

import json
import signal
import subprocess
import sys
import time

from cli import hosting
from cli.unassigning import carrying
from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import UNASSIGN_USER, Hang, When
from emulators.graph.tenant import Device, Tenant
from emulators.identity.emulator import IdentityEmulator
from shared.settings import reading
from tests.personal import nothing_personal

IDS = [f"7e8d0f4c-0000-4000-8000-{n:012}" for n in range(carrying.AT_ONCE + 2)]
PATIENCE = 60.0


def test_ctrl_c_ends_what_is_in_hand_and_tells_what_was_not_begun() -> None:
    hang = Hang()
    devices = [Device(id=each, user_principal_name="ada@contoso.example") for each in IDS]
    with GraphEmulator(Tenant(devices), strict=True) as graph, IdentityEmulator() as identity:
        graph.faults.add(When(path=UNASSIGN_USER), hang)
        environment = {**reading.process_environment(), "GRAPH_ENDPOINT": graph.endpoint, **identity.environment}
        with subprocess.Popen(
            [sys.executable, "-m", "cli", "unassign", *IDS, "--yes", "--json"],
            cwd=hosting.app_directory(),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            give_up = time.monotonic() + PATIENCE
            while sum(call.method == "POST" for call in graph.calls) < carrying.AT_ONCE:
                assert time.monotonic() < give_up
                assert process.poll() is None
                time.sleep(0.01)

            process.send_signal(signal.SIGINT)
            assert process.stderr is not None
            assert process.stderr.readline().startswith("stopping: ")
            hang.release()
            shown, logged = process.communicate(timeout=PATIENCE)
            nothing_personal(logged, "what it wrote on standard error")

        outcomes = [(each["outcome"], each["detail"]) for each in json.loads(shown)["devices"]]
        assert process.returncode == 1
        assert outcomes == [("unassigned", None)] * carrying.AT_ONCE + [("failed", "notReached")] * 2
        assert [bool(each.user_principal_name) for each in graph.tenant.devices.values()] == [False] * 8 + [True] * 2
