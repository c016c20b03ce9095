"""A list that suddenly is short serves nobody, until it is long again or an operator trusts it."""

import asyncio
from datetime import timedelta

import pytest

from emulators.graph.tenant import Device
from shared.domain.errors import JournalUnavailable, SuspiciousScan
from shared.domain.identifiers import SerialNumber
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.scan_size import LastSize
from shared.ports import RecordState
from tests.fakes_records import InMemoryRecord
from tests.integration.graph.conftest import Site, Start


def devices(count: int) -> list[Device]:
    return [Device(id=f"d{number}", serial_number=f"small {number}") for number in range(count)]


class Gated(InMemoryRecord):
    """A record whose reads wait at the gate that was there when they began."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = opened()

    async def read(self) -> RecordState | None:
        await self.gate.wait()
        return await super().read()


def opened() -> asyncio.Event:
    gate = asyncio.Event()
    gate.set()
    return gate


class Shrinking:
    """A tenant of ten devices that every process has seen, of which three are left; `record` is what they share."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.record = Gated()

    def process(self) -> GraphAutopilotDevices:
        return GraphAutopilotDevices(
            self.site.client,
            clock=self.site.clock,
            directory_max_age=timedelta(seconds=60),
            last_size=LastSize(self.record),
        )

    async def seen_and_shrunk(self) -> None:
        assert len((await self.process().directory()).devices) == 10
        for number in range(3, 10):
            del self.site.graph.tenant.devices[f"d{number}"]


@pytest.fixture
async def shrinking(start: Start) -> Shrinking:
    shrinking = Shrinking(await start(*devices(10)))
    await shrinking.seen_and_shrunk()
    return shrinking


async def test_it_serves_nobody_who_asks_in_any_process(shrinking: Shrinking) -> None:
    one, other = shrinking.process(), shrinking.process()

    asked = [one.directory(), one.directory(), other.directory(), one.with_serial_number(SerialNumber("small 1x"))]
    answers = await asyncio.gather(*asked, return_exceptions=True)

    assert [type(answer) for answer in answers] == [SuspiciousScan] * 4


async def test_whoever_trusts_it_gets_it_and_the_others_after_that_too(shrinking: Shrinking) -> None:
    process = shrinking.process()
    with pytest.raises(SuspiciousScan, match="the list has 3 devices, and the last one had 10"):
        await process.directory()
    asked = len(shrinking.site.asked)

    trusted = await process.directory(trusted=True)

    assert len(trusted.devices) == 3
    assert await process.directory() is trusted
    assert len(shrinking.site.asked) == asked, "the one scan is shared"
    assert len((await shrinking.process().directory()).devices) == 3, "another process believes its own scan"


async def test_who_asks_beside_one_who_trusts_is_refused_or_served_and_never_hangs(shrinking: Shrinking) -> None:
    process = shrinking.process()

    doubting, trusting = await asyncio.gather(
        process.directory(), process.directory(trusted=True), return_exceptions=True
    )

    assert isinstance(doubting, SuspiciousScan)
    assert not isinstance(trusting, BaseException)


async def test_a_later_scan_that_is_long_again_serves_all(shrinking: Shrinking) -> None:
    process = shrinking.process()
    with pytest.raises(SuspiciousScan):
        await process.directory()
    for device in devices(8):
        shrinking.site.graph.tenant.devices[device.id] = device

    shrinking.site.clock.advance(timedelta(seconds=61))

    assert len((await process.directory()).devices) == 8


async def test_what_another_scan_found_while_a_list_was_being_trusted_is_doubted_still(shrinking: Shrinking) -> None:
    process = shrinking.process()
    with pytest.raises(SuspiciousScan):
        await process.directory()
    del shrinking.site.graph.tenant.devices["d2"]
    shrinking.record.gate = slow = asyncio.Event()
    trusting = asyncio.create_task(process.directory(trusted=True))
    await asyncio.sleep(0)
    shrinking.record.gate = opened()
    shrinking.site.clock.advance(timedelta(seconds=61))
    with pytest.raises(SuspiciousScan, match="has 2 devices"):
        await process.directory()

    slow.set()
    await trusting

    with pytest.raises(SuspiciousScan, match="has 2 devices"):
        await process.directory()


async def test_a_scan_whose_size_cannot_be_compared_serves_nobody(shrinking: Shrinking) -> None:
    shrinking.record.broken = True

    with pytest.raises(JournalUnavailable):
        await shrinking.process().directory(trusted=True)
