from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.clock import ManualClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, User
from emulators.identity import tokens

Start = Callable[..., GraphEmulator]
NOW = datetime(2026, 11, 1, tzinfo=UTC)
GRAPH = "https://graph.microsoft.com"
LIST = "deviceManagement/windowsAutopilotDeviceIdentities"
LATER = NOW + timedelta(hours=1)


def ask(graph: GraphEmulator, token: str, request: str) -> httpx.Response:
    method, path = request.split(" ")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return httpx.request(method, f"{graph.endpoint}/{path}", headers=headers, timeout=20)


@pytest.mark.parametrize(
    "token",
    [
        "",
        "opaque",
        "a.b.c",
        tokens.issue(GRAPH, NOW),
        tokens.issue("https://vault.azure.net", LATER),
    ],
    ids=["none", "opaque", "no JSON", "expired", "for somebody else"],
)
def test_a_token_that_is_not_for_graph_is_401(start: Start, token: str) -> None:
    graph = start(token=None, clock=ManualClock(NOW))

    answer = ask(graph, token, f"GET v1.0/{LIST}")

    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "InvalidAuthenticationToken"
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_for_the_emulator_itself_is_valid(start: Start) -> None:
    graph = start(token=None, clock=ManualClock(NOW))

    assert ask(graph, tokens.issue(graph.endpoint, LATER), f"GET v1.0/{LIST}").status_code == 200


def test_a_given_token_is_the_only_one(start: Start) -> None:
    graph = start(token="eyJzZWNyZXQtMQ.e30.c2Vj")

    answers = [ask(graph, token, f"GET v1.0/{LIST}") for token in ("eyJzZWNyZXQtMQ.e30.c2Vj", "another")]

    assert [answer.status_code for answer in answers] == [200, 401]


def test_a_token_without_bearer_is_401(start: Start) -> None:
    graph = start(token="eyJzZWNyZXQtMQ.e30.c2Vj")

    answer = httpx.get(f"{graph.endpoint}/v1.0/{LIST}", headers={"Authorization": "Basic eyJzZWNyZXQtMQ.e30.c2Vj"})

    assert answer.status_code == 401


@pytest.mark.parametrize(
    ("role", "request_", "status"),
    [
        ("DeviceManagementServiceConfig.Read.All", f"GET v1.0/{LIST}/d1", 200),
        ("DeviceManagementServiceConfig.Read.All", f"POST v1.0/{LIST}/d1/unassignUserFromDevice", 403),
        ("DeviceManagementServiceConfig.ReadWrite.All", f"POST v1.0/{LIST}/d1/unassignUserFromDevice", 204),
        ("DeviceManagementConfiguration.ReadWrite.All", f"POST v1.0/{LIST}/d1/unassignUserFromDevice", 403),
        ("DeviceManagementConfiguration.ReadWrite.All", f"POST beta/{LIST}/d1/unassignResourceAccountFromDevice", 204),
        ("DeviceManagementServiceConfig.ReadWrite.All", "GET v1.0/users/u1", 403),
        ("User.Read.All", "GET v1.0/users/u1", 200),
        ("User.Read.All", f"GET v1.0/{LIST}", 403),
    ],
)
def test_a_role_allows_what_it_names(start: Start, role: str, request_: str, status: int) -> None:
    device = Device(id="d1", user_principal_name="ada@contoso.example", resource_name="room")
    users = [User(id="u1", user_principal_name="ada@contoso.example")]
    graph = start(device, users=users, token=None, clock=ManualClock(NOW))

    answer = ask(graph, tokens.issue(GRAPH, LATER, [role]), request_)

    assert answer.status_code == status


def test_what_is_forbidden_is_not_done(start: Start) -> None:
    graph = start(Device(id="d1", user_principal_name="ada@contoso.example"), token=None, clock=ManualClock(NOW))

    ask(graph, tokens.issue(GRAPH, LATER, []), f"POST v1.0/{LIST}/d1/unassignUserFromDevice")

    assert graph.tenant.devices["d1"].user_principal_name == "ada@contoso.example"
