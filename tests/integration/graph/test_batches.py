"""Concurrent reads and writes share `$batch` requests, and each caller gets the answer to its own."""

import asyncio
from datetime import timedelta

import pytest

from emulators.graph.faults import BATCH, LIST, ONE_DEVICE, UNASSIGN_USER, Garble, Reset, Status, When
from emulators.graph.tenant import Device
from shared.domain.device import AutopilotDevice
from shared.domain.errors import (
    GraphPermissionDenied,
    GraphRequestRejected,
    GraphThrottled,
    GraphUnavailable,
)
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.graph.exchanging import FEWEST
from tests.integration.graph.conftest import Site, Start

IDS = [AutopilotDeviceId(f"7e8d0f4c-0000-4000-8000-{number:012}") for number in range(50)]


def devices(count: int) -> list[Device]:
    return [
        Device(id=each, user_principal_name=f"{each}@contoso.example", resource_name="room") for each in IDS[:count]
    ]


async def read(site: Site, count: int) -> list[object]:
    return await asyncio.gather(*(site.devices.get(each) for each in IDS[:count]), return_exceptions=True)


async def unassign(site: Site, count: int, action: Action = Action.UNASSIGN_USER) -> list[object]:
    return await asyncio.gather(*(site.devices.unassign(each, action) for each in IDS[:count]), return_exceptions=True)


def requests(site: Site) -> list[str]:
    """The requests of their own, without the items of batches."""
    return [f"{call.method} {call.api_version} {call.path}" for call in site.graph.calls if call.batch_id is None]


async def test_fifty_reads_and_fifty_writes_are_six_requests(start: Start) -> None:
    site = await start(*devices(50))

    found = await read(site, 50)
    done = await unassign(site, 50)

    assert [getattr(each, "user_principal_name", None) for each in found] == [f"{each}@contoso.example" for each in IDS]
    assert done == [None] * 50
    assert requests(site) == ["POST v1.0 /$batch"] * 6
    assert not any(device.user_principal_name for device in site.graph.tenant.devices.values())


async def test_look_ups_by_serial_number_share_batches_too(start: Start) -> None:
    numbers = [SerialNumber(f"5CG-{number:04}") for number in range(40)]
    site = await start(*(Device(id=each, serial_number=number) for each, number in zip(IDS, numbers, strict=False)))

    found = await asyncio.gather(*(site.devices.with_serial_number(number) for number in numbers))

    assert [[device.serial_number for device in each] for each in found] == [[number] for number in numbers]
    assert requests(site) == ["POST v1.0 /$batch"] * 2


async def test_a_look_up_that_is_refused_in_a_batch_is_answered_from_the_list(start: Start) -> None:
    numbers = [SerialNumber(f"5CG{number:04}") for number in range(FEWEST)]
    site = await start(*(Device(id=each, serial_number=number) for each, number in zip(IDS, numbers, strict=False)))
    site.graph.faults.add(When(path=LIST, batch_item=True), Status(400))

    found = await asyncio.gather(*(site.devices.with_serial_number(number) for number in numbers))

    assert [[device.serial_number for device in each] for each in found] == [[number] for number in numbers]


async def test_enough_go_as_a_batch(start: Start) -> None:
    site = await start(*devices(FEWEST))

    await read(site, FEWEST)

    assert requests(site) == ["POST v1.0 /$batch"]


@pytest.mark.parametrize("count", [1, FEWEST - 1])
async def test_a_few_go_side_by_side_so_that_none_waits_for_another(start: Start, count: int) -> None:
    site = await start(*devices(count))

    assert [type(each) for each in await read(site, count)] == [AutopilotDevice] * count
    assert await unassign(site, count) == [None] * count

    assert len(requests(site)) == 2 * count
    assert not any("batch" in request for request in requests(site))


async def test_api_versions_do_not_mix(start: Start) -> None:
    site = await start(*devices(6))

    await asyncio.gather(unassign(site, 6), unassign(site, 6, Action.UNASSIGN_RESOURCE_ACCOUNT))

    assert sorted(requests(site)) == ["POST beta /$batch", "POST v1.0 /$batch"]
    assert not any(device.resource_name for device in site.graph.tenant.devices.values())


async def test_each_item_fails_or_succeeds_on_its_own(start: Start) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=f"{IDS[1]}{UNASSIGN_USER}"), Status(429, headers={"Retry-After": "7"}))
    site.graph.faults.add(When(path=f"{IDS[2]}{UNASSIGN_USER}"), Status(400))
    site.graph.faults.add(When(path=f"{IDS[3]}{UNASSIGN_USER}"), Status(503))

    first, throttled, rejected, unavailable, *others = await unassign(site, 6)

    assert [first, *others] == [None] * 3
    assert isinstance(throttled, GraphThrottled)
    assert throttled.retry_after == timedelta(seconds=7)
    assert isinstance(rejected, GraphRequestRejected)
    assert isinstance(unavailable, GraphUnavailable)


async def test_a_device_that_is_gone_is_no_device_beside_its_neighbours(start: Start) -> None:
    site = await start(*devices(5))

    found = await asyncio.gather(*(site.devices.get(each) for each in IDS[:6]))

    assert [each is None for each in found] == [False] * 5 + [True]


@pytest.mark.parametrize(
    ("status", "expected"),
    [(429, GraphThrottled), (503, GraphUnavailable), (500, GraphUnavailable), (403, GraphPermissionDenied)],
)
async def test_a_batch_that_fails_as_a_whole_fails_for_each(
    start: Start, status: int, expected: type[Exception]
) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=BATCH), Status(status, headers={"Retry-After": "9"}))

    assert [type(each) for each in await unassign(site, 6)] == [expected] * 6
    assert [type(each) for each in await read(site, 6)] == [expected] * 6
    assert len(requests(site)) == 2


@pytest.mark.parametrize("effect", [Garble("html"), Garble("truncated"), Garble("list"), Reset(after_handling=True)])
async def test_an_answer_that_cannot_be_read_leaves_each_write_unknown_and_repeats_none(
    start: Start, effect: Garble | Reset
) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=BATCH), effect)

    failed = await unassign(site, 6)

    assert [type(each) for each in failed] == [GraphUnavailable] * 6
    assert len(requests(site)) == 1
    site.graph.faults.clear()


@pytest.mark.parametrize("status", [400, 404, 413])
async def test_a_refused_batch_of_reads_is_asked_singly_so_that_one_bad_id_harms_nobody(
    start: Start, status: int
) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=BATCH), Status(status))
    site.graph.faults.add(When(path=ONE_DEVICE, last=1), Status(400))

    failed, *found = await read(site, 6)

    assert isinstance(failed, GraphRequestRejected)
    assert [type(each) for each in found] == [AutopilotDevice] * 5


@pytest.mark.parametrize("status", [400, 412, 413])
async def test_a_refused_batch_of_writes_is_unknown_for_each_and_not_sent_again(start: Start, status: int) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=BATCH), Status(status))

    failed = await unassign(site, 6)

    assert [type(each) for each in failed] == [GraphUnavailable] * 6
    assert len(requests(site)) == 1


async def test_an_items_own_401_is_asked_again_once_with_a_new_token(start: Start) -> None:
    site = await start(*devices(6))
    site.graph.faults.add(When(path=ONE_DEVICE, last=1), Status(401))
    site.graph.faults.add(When(path=ONE_DEVICE, first=7, last=7), Status(401))

    assert [type(each) for each in await read(site, 6)] == [AutopilotDevice] * 6
    assert len(requests(site)) == 3


async def test_who_is_cancelled_takes_nobody_along(start: Start) -> None:
    site = await start(*devices(6))
    gone = asyncio.create_task(site.devices.get(IDS[0]))
    stay = [asyncio.create_task(site.devices.get(each)) for each in IDS[1:6]]
    await asyncio.sleep(0)

    gone.cancel()

    assert all(await asyncio.gather(*stay))
    assert gone.cancelled() or (await asyncio.wait([gone]), gone.cancelled())[1]
