"""Rule 3: what writes goes with a fresh read; what could not be sent at once is not sent."""

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta

import pytest

from emulators.graph.faults import BATCH, UNASSIGN_USER, Hang, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphUnavailable, TokenUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph import connecting, exchanging, gathering, pacing
from shared.ports import SENT_WITHIN
from shared.unassigning import FRESH_FOR
from tests.fakes import NOW
from tests.integration.graph.conftest import Site, Start
from tests.integration.waiting import until

IDS = [AutopilotDeviceId(f"7e8d0f4c-0000-4000-8000-{number:012}") for number in range(6)]
LATE = SENT_WITHIN + timedelta(milliseconds=1)


def devices() -> list[Device]:
    return [Device(id=each, user_principal_name="ada@contoso.example") for each in IDS]


async def unassign(site: Site, count: int) -> list[BaseException | None]:
    calls = (site.devices.unassign(each, Action.UNASSIGN_USER) for each in IDS[:count])
    return await asyncio.gather(*calls, return_exceptions=True)


@pytest.mark.parametrize("count", [1, 6], ids=["singly", "as a batch"])
async def test_a_token_that_comes_too_late_sends_nothing(start: Start, count: int) -> None:
    site = await start(*devices())
    site.identity.faults.add(When(), hang := Hang())

    going = asyncio.create_task(unassign(site, count))
    await until(lambda: site.identity.calls)
    site.clock.advance(LATE)
    hang.release()

    answers = await going
    assert [type(answer) for answer in answers] == [TokenUnavailable] * count
    assert "too late" in str(answers[0])
    assert site.asked == []


@pytest.mark.parametrize("count", [1, 6], ids=["singly", "as a batch"])
async def test_nor_is_it_sent_again_when_a_new_token_comes_too_late_after_a_refusal(start: Start, count: int) -> None:
    site = await start(*devices())
    await site.devices.get(IDS[0])
    site.graph.faults.add(When(path=UNASSIGN_USER if count == 1 else BATCH), Status(401))
    site.identity.faults.add(When(), hang := Hang())

    going = asyncio.create_task(unassign(site, count))
    await until(lambda: len(site.identity.calls) == 2)
    site.clock.advance(LATE)
    hang.release()

    assert [type(answer) for answer in await going] == [TokenUnavailable] * count
    assert len(site.asked) == 2


async def test_nor_is_an_item_of_a_batch_sent_again_too_late(start: Start) -> None:
    site = await start(*devices())
    await site.devices.get(IDS[0])
    site.graph.faults.add(When(path=f"{IDS[3]}{UNASSIGN_USER}", first=1, last=1), Status(401))
    site.graph.faults.add(When(path=BATCH), hang := Hang(after_handling=True))

    going = asyncio.create_task(unassign(site, 6))
    await until(lambda: any(asked.endswith("$batch") for asked in site.asked))
    site.clock.advance(LATE)
    hang.release()

    assert [type(answer) for answer in await going] == [TokenUnavailable if n == 3 else type(None) for n in range(6)]
    assert sum(UNASSIGN_USER in asked for asked in site.asked) == 6, "those of the batch alone"


@pytest.fixture
def deaf() -> Iterator[str]:
    """An endpoint with which no connection comes about, since as many as fit wait to be taken."""
    with socket.socket() as listening, socket.socket() as first, socket.socket() as second:
        listening.bind(("127.0.0.1", 0))
        listening.listen(0)
        for waiting in (first, second):
            waiting.setblocking(False)
            waiting.connect_ex(listening.getsockname())
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"


async def test_a_connection_that_does_not_come_about_is_soon_given_up(start: Start, deaf: str) -> None:
    site = await start(*devices(), endpoint=deaf)

    with pytest.raises(GraphUnavailable, match="ConnectTimeout"):
        await site.devices.unassign(IDS[0], Action.UNASSIGN_USER)


def test_a_connection_may_take_what_is_left_and_no_less_than_it_needs() -> None:
    send_by = NOW + timedelta(seconds=1)

    assert connecting.within(send_by, NOW) == timedelta(seconds=1)
    assert connecting.within(send_by, send_by) == connecting.SHORTEST_CONNECT
    with pytest.raises(TokenUnavailable, match="not sent"):
        connecting.within(send_by, send_by + timedelta(microseconds=1))


def test_all_that_a_write_may_wait_for_fits() -> None:
    leaves_within = SENT_WITHIN - gathering.LINGER - connecting.SHORTEST_CONNECT

    assert leaves_within == exchanging.WRITES_LEAVE_WITHIN
    assert leaves_within > pacing.WRITE_PATIENCE
    assert SENT_WITHIN < FRESH_FOR
