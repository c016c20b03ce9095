"""When there is no token, or not one that Graph takes."""

import asyncio
from datetime import timedelta

import pytest

from emulators.graph.faults import Effect, Garble, Hang, Reset, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphPermissionDenied, TokenUnavailable
from shared.domain.identifiers import AutopilotDeviceId
from tests.integration.graph.conftest import Start

D1 = AutopilotDeviceId("d-1")


async def test_one_token_serves_many_calls(start: Start) -> None:
    site = await start(Device(id=D1))

    await asyncio.gather(*(site.devices.get(D1) for _ in range(20)))

    assert len(site.identity.calls) == 1


async def test_a_401_is_asked_once_more_with_a_new_token(start: Start) -> None:
    site = await start(Device(id=D1))
    await site.devices.get(D1)
    site.graph.faults.add(When(first=1, last=1), Status(401))

    assert await site.devices.get(D1) is not None
    assert (len(site.asked), len(site.identity.calls)) == (3, 2)


async def test_a_second_401_is_a_denial(start: Start) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(), Status(401))

    with pytest.raises(GraphPermissionDenied, match="401"):
        await site.devices.get(D1)
    assert (len(site.asked), len(site.identity.calls)) == (2, 2)


async def test_a_403_is_a_denial_at_once(start: Start) -> None:
    site = await start(Device(id=D1))
    site.graph.faults.add(When(), Status(403))

    with pytest.raises(GraphPermissionDenied, match="403"):
        await site.devices.get(D1)
    assert (len(site.asked), len(site.identity.calls)) == (1, 1)


@pytest.mark.parametrize(
    "effect",
    [
        Status(400, body={"error": "identity not found"}),
        Status(401, body={"statusCode": 401}),
        Status(500),
        Status(200, body={}),
        Status(200, body=[]),
        Status(200, body={"access_token": "t", "expires_on": "soon", "resource": "r"}),
        Status(200, body={"access_token": "t", "expires_on": "4102444800"}),
        Garble("html"),
        Garble("truncated"),
        Garble("list"),
    ],
    ids=str,
)
async def test_an_endpoint_that_gives_no_token_is_transient_and_graph_is_not_asked(
    start: Start, effect: Effect
) -> None:
    site = await start(Device(id=D1))
    site.identity.faults.add(When(), effect)

    with pytest.raises(TokenUnavailable, match="no token"):
        await site.devices.get(D1)
    assert site.asked == []
    assert len(site.identity.calls) == 1


async def test_an_endpoint_that_breaks_the_connection_is_transient(start: Start) -> None:
    site = await start(Device(id=D1))
    site.identity.faults.add(When(), Reset())

    with pytest.raises(TokenUnavailable):
        await site.devices.get(D1)


async def test_an_endpoint_that_is_down_is_transient(start: Start) -> None:
    site = await start(Device(id=D1))
    site.identity.stop()

    with pytest.raises(TokenUnavailable):
        await site.devices.get(D1)


async def test_rule_11_a_wish_to_wait_for_an_hour_is_handed_on_and_not_slept(start: Start) -> None:
    site = await start(Device(id=D1))
    site.identity.faults.add(When(), Status(503, headers={"Retry-After": "3600"}))

    with pytest.raises(TokenUnavailable) as raised:
        await site.devices.get(D1)
    assert raised.value.retry_after == timedelta(hours=1)


async def test_rule_11_an_endpoint_that_hangs_is_given_up(start: Start) -> None:
    site = await start(Device(id=D1), token_patience=timedelta(seconds=0.2))
    site.identity.faults.add(When(), hang := Hang())

    with pytest.raises(TokenUnavailable, match="TimeoutError"):
        await site.devices.get(D1)
    assert site.asked == []
    hang.release()


async def test_it_recovers(start: Start) -> None:
    site = await start(Device(id=D1))
    site.identity.faults.add(When(first=1, last=1), Status(500))
    with pytest.raises(TokenUnavailable):
        await site.devices.get(D1)

    assert await site.devices.get(D1) is not None
