"""Those who share a batch do not harm each other, and nobody waits for ever."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph.gathering import Gathering
from tests.unit.graph.gathering_helpers import Line
from tests.unit.graph.permit_helpers import in_virtual_time


@in_virtual_time
async def test_one_items_error_is_its_own() -> None:
    line = Line(in_hand=3)
    lost = GraphUnavailable("lost")

    assert await line.ask("a", lost, "c") == ["a", lost, "c"]


@in_virtual_time
async def test_what_breaks_the_sending_reaches_all_who_wait_for_it() -> None:
    line = Line(in_hand=2)
    line.fail = ZeroDivisionError("our bug")

    assert await line.ask("a", "b") == [line.fail, line.fail]


@in_virtual_time
async def test_too_few_answers_leave_nobody_waiting() -> None:
    async def send(_lane: str, requests: Sequence[Any]) -> Sequence[Any]:
        return requests[:-1]

    gathering: Gathering[str, Any, Any] = Gathering(send, most=2)
    answers = await asyncio.gather(*(gathering.ask("read", each) for each in "ab"), return_exceptions=True)

    assert [type(answer) for answer in answers] == [ValueError] * 2


@in_virtual_time
async def test_who_is_cancelled_before_the_sending_is_not_sent() -> None:
    line = Line()
    gone = asyncio.create_task(line.ask("gone"))
    stays = asyncio.create_task(line.ask("stays"))
    await asyncio.sleep(0.5)

    gone.cancel()

    assert await stays == ["stays"]
    assert [requests for _, _, requests in line.batches] == [["stays"]]


@in_virtual_time
async def test_who_is_cancelled_during_the_sending_takes_nobody_along() -> None:
    line = Line(in_hand=2)
    gone = asyncio.create_task(line.ask("gone"))
    stays = asyncio.create_task(line.ask("stays"))
    await asyncio.sleep(0.5)

    gone.cancel()

    assert await stays == ["stays"]
    with pytest.raises(asyncio.CancelledError):
        await gone
    assert line.sizes == [2]


@in_virtual_time
async def test_closing_gives_up_what_waits_and_what_is_under_way() -> None:
    line = Line(in_hand=1)
    under_way = asyncio.create_task(line.ask("under way"))
    await asyncio.sleep(0.5)
    line.in_hand = 1000
    waiting = asyncio.create_task(line.ask("waiting", lane="write"))
    await asyncio.sleep(0.1)

    await line.gathering.close()

    (first,), (second,) = await under_way, await waiting
    assert isinstance(first, GraphUnavailable)
    assert isinstance(second, GraphUnavailable)


@in_virtual_time
async def test_nothing_is_under_way_when_it_is_closed_nor_after_an_answer() -> None:
    ended: list[str] = []

    async def send(_lane: str, requests: Sequence[str]) -> Sequence[str]:
        try:
            await asyncio.sleep(5)
        finally:
            await asyncio.sleep(0)
            ended.extend(requests)
        return requests

    gathering: Gathering[str, str, str] = Gathering(send, most=1)
    await gathering.ask("read", "a")
    await asyncio.sleep(0)  # its task has ended, and is forgotten by then
    assert not gathering._under_way
    asking = asyncio.create_task(gathering.ask("read", "b"))
    await asyncio.sleep(1)

    await gathering.close()

    assert ended == ["a", "b"]
    with pytest.raises(GraphUnavailable, match="stopping"):
        await asking
