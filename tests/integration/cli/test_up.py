"""`offboard up`, as a process of its own."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from azure.servicebus import ServiceBusClient

from cli import hosting
from cli.parts import OUTCOMES, OUTCOMES_SUBSCRIPTION
from shared.settings import reading
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.ups import COMMAND, FREE_PORTS, next_line, running, settings_told

DEVICE = "0b2c8f5e-0000-4000-8000-000000000001"
LEAVER = "anna@contoso.example"


@pytest.fixture
def tenant(tmp_path: Path) -> Path:
    file = tmp_path / "tenant.json"
    device = {"id": DEVICE, "serialNumber": "SN-1", "userPrincipalName": LEAVER}
    file.write_text(json.dumps({"devices": [device]}), encoding="utf-8")
    return file


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
    with running("--tenant", str(tenant), *FREE_PORTS) as (process, said):
        settings = settings_told(said)
        looked = offboard("preview", "--user", LEAVER, settings=settings)
        sent = offboard("send", "--user", LEAVER, "--event-id", "E-1", "--yes", settings=settings)
        shown = next_line(process)
        with (
            ServiceBusClient.from_connection_string(settings["ServiceBusConnection"]) as client,
            client.get_subscription_receiver(OUTCOMES, OUTCOMES_SUBSCRIPTION) as receiver,
        ):
            (message,) = receiver.receive_messages(max_message_count=1, max_wait_time=30)
        process.send_signal(signal.SIGTERM)
        code = process.wait(30)

    data = json.loads(str(message))["data"]
    assert sent.exit_code == 0
    assert "without the journal" not in looked.output
    assert data["eventId"] == "E-1"
    assert [(line["autopilotDeviceId"], line["outcome"]) for line in data["devices"]] == [(DEVICE, "unassigned")]
    assert code == 0
    assert shown == f"E-1 unassigned: device {DEVICE}, unassignUser: unassigned, attempt 1\n"
    assert f"{shlex.join([sys.executable, '-m', 'cli'])} send --user" in said


def test_settings_of_yours_count_and_are_told_but_none_that_leads_elsewhere(offboard: Offboard, tenant: Path) -> None:
    yours = {"PROTECTED_USERS": "o'hara@*,anna@*", "LOG_HASH_KEY": "a-secret-of-16-characters"}
    elsewhere = {"JOURNAL_URL": "ftp://nowhere", "GRAPH_ENDPOINT": "nonsense", "AZURE_CLIENT_ID": "nobody"}
    with running("--tenant", str(tenant), *FREE_PORTS, **yours, **elsewhere) as (process, said):
        settings = settings_told(said)
        offboard("send", "--user", LEAVER, "--event-id", "E-1", "--yes", settings=settings)
        shown = next_line(process)

    assert shown == "E-1 failed, dead-lettered ProtectedUser, attempt 1\n"
    assert settings["PROTECTED_USERS"] == yours["PROTECTED_USERS"]
    assert settings.keys().isdisjoint({"LOG_HASH_KEY", "AZURE_CLIENT_ID"})
    assert settings["JOURNAL_URL"].startswith("sqlite:")


def test_a_setting_that_is_wrong_is_told_as_the_host_tells_it() -> None:
    command = [*COMMAND, *FREE_PORTS]
    environment = {**reading.process_environment(), "VERIFY_AFTER": "soon"}

    run = subprocess.run(
        command, cwd=hosting.app_directory(), env=environment, capture_output=True, text=True, timeout=60, check=False
    )

    assert (run.returncode, run.stdout) == (2, "")
    assert "VERIFY_AFTER is not a duration" in run.stderr


def test_a_host_that_dies_is_told_with_the_end_of_its_log() -> None:
    with running(*FREE_PORTS) as (process, said):
        (pid,), (log,) = re.findall(r"host process (\d+)", said), re.findall(r"its log in ([^)]+)\)", said)
        Path(log).write_text("the last line\n", encoding="utf-8")
        os.kill(int(pid), signal.SIGKILL)
        assert process.stderr is not None
        error = process.stderr.read()
        code = process.wait(30)

    assert code == 1
    assert "the host ended (signal 9)" in error
    assert "the last line" in error


@pytest.mark.parametrize("option", ["--servicebus-port", "--graph-port"])
def test_a_port_that_is_taken_is_told(option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        says = refused(*FREE_PORTS, option, str(taken.getsockname()[1]))

    assert "give --servicebus-port or --graph-port" in says


@pytest.mark.parametrize("port", ["65536", "-1"])
def test_a_port_that_is_none_is_told(port: str) -> None:
    assert "Invalid value for '--graph-port'" in refused("--servicebus-port", "0", f"--graph-port={port}")


def test_a_tenant_file_that_is_none_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    file.write_text("[]", encoding="utf-8")

    says = refused("--tenant", str(file), *FREE_PORTS)

    assert says == f"{file} is not a tenant: $: must be an object with devices and users\n"
