from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.clock import ManualClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
DEVICES = "deviceManagement/windowsAutopilotDeviceIdentities"
ADA = "ada@contoso.example"
BOB = "bob@contoso.example"


def post(http: httpx.Client, graph: GraphEmulator, action: str, version: str = "v1.0", device: str = "d1") -> int:
    return http.post(f"{graph.endpoint}/{version}/{DEVICES}/{device}/{action}").status_code


def user(http: httpx.Client, graph: GraphEmulator) -> str:
    shown: str = http.get(f"{graph.endpoint}/v1.0/{DEVICES}/d1").json()["userPrincipalName"]
    return shown


@pytest.mark.parametrize("version", ["v1.0", "beta"])
def test_unassigning_the_user_clears_name_and_greeting(start: Start, http: httpx.Client, version: str) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA, addressable_user_name="Ada", resource_name="room"))

    status = post(http, graph, "unassignUserFromDevice", version)

    device = graph.tenant.devices["d1"]
    assert status == 204
    assert (device.user_principal_name, device.addressable_user_name, device.resource_name) == ("", "", "room")


@pytest.mark.parametrize(
    ("profile_of", "version", "status"),
    [("d1", "beta", 204), ("D1", "beta", 204), ("d2", "beta", 404), ("d1", "v1.0", 501)],
)
def test_the_way_through_the_deployment_profile_is_the_devices_own_and_on_beta(
    start: Start, http: httpx.Client, profile_of: str, version: str, status: int
) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA), Device(id="d2"), strict=False)
    action = "deploymentProfile/assignedDevices/d1/unassignUserFromDevice"

    assert post(http, graph, action, version, profile_of) == status
    assert graph.tenant.devices["d1"].user_principal_name == ("" if status == 204 else ADA)


def test_the_record_is_clear_only_after_the_delay(start: Start, http: httpx.Client) -> None:
    clock = ManualClock(datetime(2026, 11, 1, tzinfo=UTC))
    graph = start(Device(id="d1", user_principal_name=ADA), clock=clock, clears_after=timedelta(minutes=5))

    accepted = post(http, graph, "unassignUserFromDevice")
    at_once = user(http, graph)
    clock.advance(timedelta(minutes=4, seconds=59))
    shortly_before = user(http, graph)
    clock.advance(timedelta(seconds=1))

    assert (accepted, at_once, shortly_before, user(http, graph)) == (204, ADA, ADA, "")


def test_a_second_request_does_not_put_off_the_first(start: Start, http: httpx.Client) -> None:
    clock = ManualClock(datetime(2026, 11, 1, tzinfo=UTC))
    graph = start(Device(id="d1", user_principal_name=ADA), clock=clock, clears_after=timedelta(minutes=5))
    post(http, graph, "unassignUserFromDevice")
    clock.advance(timedelta(minutes=4))

    post(http, graph, "unassignUserFromDevice")
    clock.advance(timedelta(minutes=1))

    assert user(http, graph) == ""


def test_a_new_assignment_overtakes_a_delayed_clearing(start: Start, http: httpx.Client) -> None:
    clock = ManualClock(datetime(2026, 11, 1, tzinfo=UTC))
    graph = start(Device(id="d1", user_principal_name=ADA), clock=clock, clears_after=timedelta(minutes=5))
    post(http, graph, "unassignUserFromDevice")

    assign = {"userPrincipalName": BOB, "addressableUserName": "Bob"}
    assigned = http.post(f"{graph.endpoint}/v1.0/{DEVICES}/d1/assignUserToDevice", json=assign)
    clock.advance(timedelta(hours=1))

    assert assigned.status_code == 204
    assert user(http, graph) == BOB
    assert graph.tenant.devices["d1"].addressable_user_name == "Bob"


def test_a_resource_account_is_unassigned_on_beta(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA, resource_name="room"))

    status = post(http, graph, "unassignResourceAccountFromDevice", "beta")

    assert status == 204
    assert graph.tenant.devices["d1"].resource_name == ""
    assert graph.tenant.devices["d1"].user_principal_name == ADA


def test_v1_does_not_know_resource_accounts(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", resource_name="room"), strict=False)

    status = post(http, graph, "unassignResourceAccountFromDevice", "v1.0")

    assert status == 501
    assert graph.tenant.devices["d1"].resource_name == "room"


@pytest.mark.parametrize("status", [204, 400])
def test_unassigning_what_nobody_has_is_answered_as_chosen(start: Start, http: httpx.Client, status: int) -> None:
    graph = start(Device(id="d1"), already_unassigned_status=status)

    assert post(http, graph, "unassignUserFromDevice") == status


def test_a_clear_device_is_not_cleared_later(start: Start, http: httpx.Client) -> None:
    clock = ManualClock(datetime(2026, 11, 1, tzinfo=UTC))
    graph = start(Device(id="d1"), clock=clock, clears_after=timedelta(minutes=5))
    post(http, graph, "unassignUserFromDevice")

    graph.tenant.devices["d1"].user_principal_name = BOB
    clock.advance(timedelta(hours=1))

    assert user(http, graph) == BOB


@pytest.mark.parametrize("action", ["unassignUserFromDevice", "assignUserToDevice"])
def test_an_action_on_an_unknown_device_is_404(start: Start, http: httpx.Client, action: str) -> None:
    graph = start()

    assert post(http, graph, action) == 404


def test_assigning_nobody_is_refused(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA))

    assert post(http, graph, "assignUserToDevice") == 400
    assert user(http, graph) == ADA
