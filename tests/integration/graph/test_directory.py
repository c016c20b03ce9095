"""The whole list."""

import asyncio
from datetime import timedelta

import pytest

from emulators.graph.faults import LIST, Effect, Garble, Hang, NextLink, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphThrottled, GraphUnavailable
from shared.domain.identifiers import UserPrincipalName
from tests.integration.graph.conftest import Start

ALICE = UserPrincipalName("Alice@contoso.example")


def devices(count: int) -> list[Device]:
    return [Device(id=f"d{number:04}", user_principal_name="alice@contoso.example") for number in range(count)]


async def test_all_pages_are_read_once_for_all_who_ask(start: Start) -> None:
    site = await start(*devices(25), page_size=10)

    directories = await asyncio.gather(*(site.devices.directory() for _ in range(50)))

    assert {len(directory.of_user([ALICE])) for directory in directories} == {25}
    assert len(site.asked) == 3
    assert directories[0].read_at == site.clock.now()


async def test_after_a_minute_it_is_read_again(start: Start) -> None:
    site = await start(*devices(1))

    await site.devices.directory()
    site.clock.advance(timedelta(seconds=59))
    await site.devices.directory()
    assert len(site.asked) == 1
    site.clock.advance(timedelta(seconds=1))
    await site.devices.directory()

    assert len(site.asked) == 2


async def test_neither_select_nor_top_nor_a_filter_is_sent(start: Start) -> None:
    site = await start(*devices(1))

    await site.devices.directory()

    assert site.graph.calls[0].query == {}


@pytest.mark.parametrize(
    "effect",
    [
        NextLink("repeated"),
        NextLink("endless"),
        NextLink("endless", empty=True),
        NextLink("foreign"),
        Garble("html"),
        Garble("truncated"),
        Garble("list"),
        Status(503),
    ],
    ids=str,
)
async def test_a_scan_that_breaks_serves_nobody_and_the_next_one_may_do(start: Start, effect: Effect) -> None:
    site = await start(*devices(15), page_size=10)
    site.graph.faults.add(When(path=LIST), effect)

    with pytest.raises(GraphUnavailable):
        await site.devices.directory()
    site.graph.faults.clear()

    assert len((await site.devices.directory()).devices) == 15


async def test_an_empty_page_in_between_is_no_end(start: Start) -> None:
    site = await start(*devices(15), page_size=10)
    site.graph.faults.add(When(path=LIST, first=1, last=1), NextLink("endless", empty=True))

    assert len((await site.devices.directory()).devices) == 15


async def test_a_scan_that_is_throttled_hands_the_wait_on(start: Start) -> None:
    site = await start(*devices(15), page_size=10)
    site.graph.faults.add(When(path=LIST, first=2), Status(429, headers={"Retry-After": "2.128"}))

    with pytest.raises(GraphThrottled) as raised:
        await site.devices.directory()

    assert raised.value.retry_after == timedelta(seconds=3)
    assert len(site.asked) == 2


async def test_a_scan_that_takes_too_long_is_given_up(start: Start) -> None:
    site = await start(*devices(1), scan_deadline=timedelta(seconds=0.3))
    site.graph.faults.add(When(path=LIST), hang := Hang())

    with pytest.raises(GraphUnavailable, match=r"within 0\.3 s"):
        await site.devices.directory()
    hang.release()
