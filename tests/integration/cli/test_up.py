"""`offboard up`, as a process of its own."""

import json
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusClient

from cli import hosting
from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION
from tests.integration.cli.conftest import Offboard

DEVICE = "0b2c8f5e-0000-4000-8000-000000000001"
LEAVER = "anna@contoso.example"
COMMAND = (sys.executable, "-m", "cli", "up")
FREE_PORTS = ("--servicebus-port", "0", "--graph-port", "0")


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    file = tmp_path / "tenant.json"
    device = {"id": DEVICE, "serialNumber": "S-1", "userPrincipalName": LEAVER}
    file.write_text(json.dumps({"devices": [device]}), encoding="utf-8")
    return file


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, str]]]:
    """The process, once it has printed `ready`, and the settings that it printed before."""
    command = [*COMMAND, *arguments]
    with subprocess.Popen(command, cwd=hosting.app_directory(), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            settings: dict[str, str] = {}
            for line in process.stdout:
                settings |= dict(re.findall(r"^export (\w+)='(.*)'$", line))
                if line == "ready\n":
                    break
            yield process, settings
        finally:
            process.kill()


def refused(*arguments: str) -> str:
    """What is said on standard error by one that ends with 2 before it is ready."""
    run = subprocess.run(
        [*COMMAND, *arguments], cwd=hosting.app_directory(), capture_output=True, text=True, timeout=30, check=False
    )
    assert (run.returncode, run.stdout) == (2, "")
    assert "Traceback" not in run.stderr
    return run.stderr


def test_it_unassigns_a_device_of_the_tenant_it_was_given_and_stops_when_told_to(
    offboard: Offboard, tenant: Path
) -> None:
    with running("--tenant", str(tenant), *FREE_PORTS) as (process, settings):
        sent = offboard("send", "--user", LEAVER, "--event-id", "E-1", "--yes", settings=settings)
        with (
            ServiceBusClient.from_connection_string(settings["ServiceBusConnection"]) as client,
            client.get_subscription_receiver(OUTCOMES, OUTCOMES_SUBSCRIPTION) as receiver,
        ):
            (message,) = receiver.receive_messages(max_message_count=1, max_wait_time=30)
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    data = json.loads(str(message))["data"]
    assert sent.exit_code == 0
    assert data["eventId"] == "E-1"
    assert [(line["autopilotDeviceId"], line["outcome"]) for line in data["devices"]] == [(DEVICE, "unassigned")]
    assert code == 0


@pytest.mark.parametrize("option", ["--servicebus-port", "--graph-port"])
def test_a_port_that_is_taken_is_told(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        says = refused(*FREE_PORTS, option, str(taken.getsockname()[1]))

    assert "give --servicebus-port or --graph-port" in says


@pytest.mark.parametrize(
    "content", [None, "{", '{"devices": [{"nonsense": 1}]}'], ids=["none", "no JSON", "a wrong key"]
)
def test_a_tenant_file_that_is_none_is_told(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "tenant.json"
    if content is not None:
        file.write_text(content, encoding="utf-8")

    assert f"{file} is not a tenant: " in refused("--tenant", str(file), *FREE_PORTS)
