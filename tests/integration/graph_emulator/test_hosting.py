import json
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from emulators.graph.calls import UnexpectedCallError
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, Tenant, User
from emulators.identity import tokens
from emulators.identity.emulator import IdentityEmulator

Start = Callable[..., GraphEmulator]
ROOT = Path(__file__).parents[3]
LIST = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"


def test_it_comes_back_on_the_same_port_with_what_it_knew(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", user_principal_name="ada@contoso.example"))
    endpoint = graph.endpoint
    http.post(f"{endpoint}{LIST}/d1/unassignUserFromDevice").raise_for_status()

    graph.stop()
    with pytest.raises(httpx.ConnectError):
        http.get(endpoint + LIST)
    graph.start()

    assert http.get(f"{endpoint}{LIST}/d1").json()["userPrincipalName"] == ""
    assert [call.method for call in graph.calls] == ["POST", "GET"]


def test_a_port_that_is_taken_is_an_error() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        graph = GraphEmulator(Tenant(), port=taken.getsockname()[1])

        with pytest.raises(OSError, match="in use"):
            graph.start()


def test_it_can_be_started_only_once_at_a_time(start: Start) -> None:
    graph = start()

    with pytest.raises(RuntimeError, match="running already"):
        graph.start()


def test_without_a_port_there_is_no_endpoint() -> None:
    graph = GraphEmulator(Tenant())

    with pytest.raises(RuntimeError, match="no port"):
        _ = graph.endpoint


def test_stopping_what_does_not_run_is_nothing() -> None:
    GraphEmulator(Tenant()).stop()
    IdentityEmulator().stop()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", f"{LIST}/d1"),
        ("GET", "/v1.0/me"),
        ("GET", "/v2.0/users/u1"),
        ("GET", "/"),
        ("GET", f"{LIST}?$orderby=id"),
        ("GET", f"{LIST}/d1?$expand=deploymentProfile"),
        ("GET", "/v1.0/users/u1?$expand=manager"),
        ("GET", "/v1.0/directory/deletedItems/u1"),
    ],
)
def test_what_it_does_not_know_is_501_and_recorded(start: Start, http: httpx.Client, method: str, path: str) -> None:
    users = [User(id="u1", user_principal_name="ada@contoso.example")]
    graph = start(Device(id="d1"), users=users, strict=False)

    answer = http.request(method, graph.endpoint + path)

    assert answer.status_code == 501
    assert "does not know" in answer.json()["error"]["message"]
    assert [(call.method, call.status) for call in graph.unexpected] == [(method, 501)]
    assert "d1" in graph.tenant.devices


def test_a_strict_emulator_complains_in_the_end(http: httpx.Client) -> None:
    graph = GraphEmulator(Tenant(), token="eyJhbnktdG9rZW4.e30.YW55", strict=True)
    graph.start()
    http.delete(f"{graph.endpoint}{LIST}/d1")

    with pytest.raises(UnexpectedCallError, match=r"DELETE v1\.0 .*/d1"):
        graph.stop()


def test_a_body_that_is_not_json_is_400(start: Start, http: httpx.Client) -> None:
    graph = start()

    assert http.post(f"{graph.endpoint}/v1.0/$batch", content=b"{").status_code == 400
    assert [call.status for call in graph.calls] == [400]


def in_foreground(module: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", module, *arguments]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)


def line(process: subprocess.Popen[str]) -> tuple[str, str]:
    assert process.stdout is not None
    name, _, value = process.stdout.readline().strip().partition("=")
    return name, value


def ended(process: subprocess.Popen[str], signal_: signal.Signals) -> int:
    process.send_signal(signal_)
    try:
        return process.wait(20)
    finally:
        process.kill()
        process.communicate()


def test_the_commands_print_their_environment_and_end_at_a_signal(tmp_path: Path) -> None:
    file = tmp_path / "tenant.json"
    file.write_text(json.dumps({"devices": [{"id": "d1", "serialNumber": "SN1"}]}), encoding="utf-8")
    identity = in_foreground("emulators.identity")
    graph = in_foreground("emulators.graph", "--tenant", str(file))

    try:
        environment = dict(line(process) for process in (identity, identity, graph))
        token = httpx.get(
            environment["IDENTITY_ENDPOINT"],
            params={"api-version": "2019-08-01", "resource": environment["GRAPH_ENDPOINT"]},
            headers={"X-IDENTITY-HEADER": environment["IDENTITY_HEADER"]},
        ).json()["access_token"]
        answer = httpx.get(environment["GRAPH_ENDPOINT"] + LIST, headers={"Authorization": f"Bearer {token}"})
    finally:
        codes = (ended(identity, signal.SIGTERM), ended(graph, signal.SIGINT))

    assert tokens.Token.decode(token) is not None
    assert [device["serialNumber"] for device in answer.json()["value"]] == ["SN1"]
    assert codes == (0, 0)


def test_a_frozen_one_answers_nothing_and_handles_what_arrived_once_it_thaws_whether_anybody_waits_or_not(
    start: Start, http: httpx.Client
) -> None:
    graph = start(Device(id="d1", user_principal_name="ada@contoso.example"))

    thaw = graph.freeze()
    with pytest.raises(httpx.ReadTimeout):
        http.post(f"{graph.endpoint}{LIST}/d1/unassignUserFromDevice", timeout=0.2)
    asked = list(graph.calls)
    thaw()
    http.get(f"{graph.endpoint}{LIST}/d1").raise_for_status()

    assert asked == []
    assert [call.method for call in graph.calls] == ["POST", "GET"]
    assert graph.tenant.devices["d1"].user_principal_name == ""


def test_what_does_not_run_cannot_be_frozen() -> None:
    with pytest.raises(RuntimeError, match="stopped"):
        GraphEmulator(Tenant()).freeze()
