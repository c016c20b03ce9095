"""A person's own way to ask: the documents' second route, headers, and the answers as they came."""

import asyncio

import pytest

from emulators.graph.faults import UNASSIGN_USER, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphRequestRejected
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph.asking import Asking, Route
from shared.graph.response import Response
from tests.integration.graph.conftest import Start

IDS = [AutopilotDeviceId(f"7e8d0f4c-0000-4000-8000-0000000000d{n}") for n in range(6)]
HEADERS = {"client-request-id": "7f3c", "Accept": "application/json;odata.metadata=none"}


def devices() -> list[Device]:
    return [Device(id=each, user_principal_name="alice@contoso.example", resource_name="room-1") for each in IDS]


async def test_the_second_route_clears_the_user_through_the_deployment_profile(start: Start) -> None:
    site = await start(*devices(), asking=Asking(route=Route.DEPLOYMENT_PROFILE))

    await site.devices.unassign(IDS[0], Action.UNASSIGN_USER)

    (call,) = site.graph.calls
    assert call.api_version == "beta"
    assert call.path.endswith(f"/{IDS[0]}/deploymentProfile/assignedDevices/{IDS[0]}/unassignUserFromDevice")
    assert not site.graph.tenant.devices[IDS[0]].user_principal_name


async def test_the_second_route_is_the_users_alone(start: Start) -> None:
    site = await start(*devices(), asking=Asking(route=Route.DEPLOYMENT_PROFILE))

    await site.devices.unassign(IDS[0], Action.UNASSIGN_RESOURCE_ACCOUNT)

    assert [call.path.rpartition("/")[2] for call in site.graph.calls] == ["unassignResourceAccountFromDevice"]


@pytest.mark.parametrize("action", list(Action))
async def test_headers_go_with_the_request_and_replace_the_usual_ones(start: Start, action: Action) -> None:
    site = await start(*devices(), asking=Asking(headers=HEADERS))

    await site.devices.unassign(IDS[0], action)
    await site.devices.get(IDS[0])

    post, read = site.graph.calls
    assert {name: post.headers[name.lower()] for name in HEADERS} == HEADERS
    assert "client-request-id" not in read.headers


async def test_each_of_many_gets_its_headers_and_shows_its_answer(start: Start) -> None:
    answers: dict[str, Response] = {}
    site = await start(*devices(), asking=Asking(headers=HEADERS, shown=answers.__setitem__))

    await asyncio.gather(*(site.devices.unassign(each, Action.UNASSIGN_USER) for each in IDS))

    assert {call.headers["client-request-id"] for call in site.graph.calls} == {"7f3c"}
    assert {answers[each].status for each in IDS} == {204}
    assert len({answers[each].headers["request-id"] for each in IDS}) == len(IDS)


async def test_an_answer_that_refuses_is_shown_too(start: Start) -> None:
    answers: dict[str, Response] = {}
    site = await start(*devices(), asking=Asking(shown=answers.__setitem__))
    site.graph.faults.add(When(path=UNASSIGN_USER), Status(412, headers={"x-msft-approval-code": "c-1"}))

    with pytest.raises(GraphRequestRejected):
        await site.devices.unassign(IDS[0], Action.UNASSIGN_USER)

    assert answers[IDS[0]].headers["x-msft-approval-code"] == "c-1"
