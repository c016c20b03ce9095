"""One device by its id."""

from typing import Literal

import pytest

from emulators.graph.faults import ONE_DEVICE, Garble, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphPermissionDenied, GraphRequestRejected, GraphUnavailable
from shared.domain.identifiers import AutopilotDeviceId
from tests.integration.graph.conftest import Start

D1 = AutopilotDeviceId("7e8d0f4c-0000-4000-8000-0000000000d1")


async def test_the_record_is_read_as_it_is(start: Start) -> None:
    site = await start(Device(id=D1, serial_number="SN-1", user_principal_name="alice@contoso.example", group_tag=""))

    device = await site.devices.get(D1)

    assert device is not None
    assert (device.autopilot_device_id, device.serial_number, device.group_tag) == (D1, "SN-1", None)
    assert [(call.method, call.api_version, call.query) for call in site.graph.calls] == [("GET", "v1.0", {})]


async def test_an_id_that_graph_does_not_have_is_none(start: Start) -> None:
    site = await start()

    assert await site.devices.get(D1) is None


@pytest.mark.parametrize("hostile", ["../users/u-1", "a/b", "%2F", "d?$select=id", "d#1", "d 1", "ü"])
async def test_a_hostile_id_asks_for_nothing_but_a_device(start: Start, hostile: str) -> None:
    site = await start()

    assert await site.devices.get(AutopilotDeviceId(hostile)) is None
    assert site.graph.calls[0].path == f"/deviceManagement/windowsAutopilotDeviceIdentities/{hostile}"


@pytest.mark.parametrize("hostile", ["", ".", "..", "d\r\nX: y"])
async def test_an_id_that_would_change_the_path_is_not_sent(start: Start, hostile: str) -> None:
    site = await start()

    with pytest.raises(GraphRequestRejected):
        await site.devices.get(AutopilotDeviceId(hostile))
    assert site.asked == []


async def test_another_device_than_was_asked_for_is_not_believed(start: Start) -> None:
    site = await start()
    site.graph.faults.add(When(path=ONE_DEVICE), Status(200, body={"id": "another"}))

    with pytest.raises(GraphUnavailable, match="another device"):
        await site.devices.get(D1)


@pytest.mark.parametrize("garbled", ["html", "truncated", "list"])
async def test_a_body_that_is_no_record_is_an_outage(
    start: Start, garbled: Literal["html", "truncated", "list"]
) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(path=ONE_DEVICE), Garble(garbled))

    with pytest.raises(GraphUnavailable):
        await site.devices.get(D1)


async def test_an_app_without_the_role_is_denied(start: Start) -> None:
    site = await start(Device(id=D1), roles=("User.Read.All",))

    with pytest.raises(GraphPermissionDenied, match=r"403, Forbidden, request .+, activity "):
        await site.devices.get(D1)
