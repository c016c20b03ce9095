"""The two actions."""

from datetime import timedelta

import pytest

from emulators.graph.faults import UNASSIGN_USER, Effect, Hang, Reset, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphRequestRejected, GraphThrottled, GraphUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from tests.integration.graph.conftest import Start

D1 = AutopilotDeviceId("7e8d0f4c-0000-4000-8000-0000000000d1")
PATH = f"/deviceManagement/windowsAutopilotDeviceIdentities/{D1}"


def device() -> Device:
    return Device(id=D1, user_principal_name="alice@contoso.example", resource_name="room-1")


async def test_a_user_is_unassigned_on_v1(start: Start) -> None:
    site = await start(device())

    await site.devices.unassign(D1, Action.UNASSIGN_USER)

    record = await site.devices.get(D1)
    assert record is not None
    assert (record.user_principal_name, record.resource_name) == (None, "room-1")
    assert (site.graph.calls[0].api_version, site.graph.calls[0].path) == ("v1.0", f"{PATH}/unassignUserFromDevice")


async def test_a_resource_account_is_unassigned_on_beta(start: Start) -> None:
    site = await start(device())

    await site.devices.unassign(D1, Action.UNASSIGN_RESOURCE_ACCOUNT)

    record = await site.devices.get(D1)
    assert record is not None
    assert (record.user_principal_name, record.resource_name) == ("alice@contoso.example", None)
    path = f"{PATH}/unassignResourceAccountFromDevice"
    assert (site.graph.calls[0].api_version, site.graph.calls[0].path) == ("beta", path)


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_any_2xx_is_accepted_whatever_the_body(start: Start, status: int) -> None:
    site = await start(device())
    site.graph.faults.add(When(path=UNASSIGN_USER), Status(status, body="" if status == 204 else ["anything"]))

    await site.devices.unassign(D1, Action.UNASSIGN_USER)


@pytest.mark.parametrize("status", [400, 404, 409, 412])
async def test_a_4xx_is_rejected_with_a_request_id(start: Start, status: int) -> None:
    site = await start(device())
    site.graph.faults.add(When(path=UNASSIGN_USER), Status(status))

    with pytest.raises(GraphRequestRejected, match=rf"graph answered {status}, \w+, request [0-9a-f-]+"):
        await site.devices.unassign(D1, Action.UNASSIGN_USER)


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_nothing_is_retried_and_the_wait_is_handed_on(start: Start, status: int) -> None:
    site = await start(device())
    site.graph.faults.add(When(path=UNASSIGN_USER), Status(status, headers={"Retry-After": "7"}))

    with pytest.raises(GraphThrottled if status == 429 else GraphUnavailable) as raised:
        await site.devices.unassign(D1, Action.UNASSIGN_USER)

    assert raised.value.retry_after == timedelta(seconds=7)
    assert len(site.asked) == 1


@pytest.mark.parametrize("effect", [Reset(after_handling=True), Hang(after_handling=True)], ids=["reset", "hang"])
async def test_an_answer_that_never_comes_leaves_it_unknown_and_is_not_posted_again(
    start: Start, effect: Effect
) -> None:
    site = await start(device(), deadline=timedelta(seconds=1.5))
    await site.devices.get(D1)  # loads the libraries and the token, which the short deadline is not meant for
    site.graph.faults.add(When(path=UNASSIGN_USER), effect)

    with pytest.raises(GraphUnavailable):
        await site.devices.unassign(D1, Action.UNASSIGN_USER)

    assert len(site.asked) == 2
    assert site.graph.tenant.devices[D1].user_principal_name == ""
    site.graph.faults.clear()
