"""Whatever of ours Graph asks to wait, closes the gate for everybody: one write, one item of a batch, a page of the list."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from emulators.graph.faults import BATCH, ONE_DEVICE, UNASSIGN_USER, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphThrottled
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from tests.fakes_records import InMemoryRecord
from tests.integration.graph.conftest import Site, Start

IDS = [AutopilotDeviceId(f"7e8d0f4c-0000-4000-8000-{number:012}") for number in range(6)]
ANYTHING = When()
ASKED = timedelta(minutes=2)

type Call = Callable[[GraphAutopilotDevices], Awaitable[object]]


async def unassign_six(devices: GraphAutopilotDevices) -> object:
    calls = (devices.unassign(each, Action.UNASSIGN_USER) for each in IDS)
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.fixture
async def site(start: Start) -> Site:
    return await start(*(Device(id=each, user_principal_name="ada@contoso.example") for each in IDS))


@pytest.fixture
async def gated(site: Site) -> AsyncIterator[tuple[GraphAutopilotDevices, SharedPermits]]:
    """The adapter behind a gate, and the gate."""
    permits = SharedPermits(InMemoryRecord(), clock=site.clock, max_wait=timedelta(seconds=10))
    async with AsyncExitStack() as stack:
        pace = Pace(site.clock, permits)
        devices = GraphAutopilotDevices(site.client, clock=site.clock, directory_max_age=ASKED, pace=pace)
        stack.push_async_callback(devices.close)
        yield devices, permits


@pytest.mark.parametrize(
    ("where", "call"),
    [
        pytest.param(ANYTHING, lambda devices: devices.directory(), id="a page of the list"),
        pytest.param(When(path=ONE_DEVICE), lambda devices: devices.get(IDS[0]), id="a read"),
        pytest.param(
            When(path=UNASSIGN_USER), lambda devices: devices.unassign(IDS[0], Action.UNASSIGN_USER), id="a write"
        ),
        pytest.param(When(path=f"{IDS[3]}{UNASSIGN_USER}"), unassign_six, id="an item of a batch"),
        pytest.param(When(path=BATCH), unassign_six, id="a batch"),
    ],
)
async def test_rule_7_a_retry_after_closes_the_gate_for_all(
    site: Site, gated: tuple[GraphAutopilotDevices, SharedPermits], where: When, call: Call
) -> None:
    devices, permits = gated
    site.graph.faults.add(where, Status(429, headers={"Retry-After": str(int(ASKED.total_seconds()))}))

    await asyncio.gather(call(devices), return_exceptions=True)
    asked = len(site.graph.calls)

    assert permits.closed_until >= site.clock.now() + ASKED
    with pytest.raises(GraphThrottled, match="not sent"):
        await devices.unassign(IDS[1], Action.UNASSIGN_USER)
    assert len(site.graph.calls) == asked
