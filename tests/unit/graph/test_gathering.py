"""When a batch goes out, and that those who share it do not harm each other."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph.gathering import Gathering
from tests import virtual_time

LINGER = timedelta(seconds=1)


class Line:
    """Answers each request with itself after a second; notes the batches and when they left."""

    def __init__(self, in_hand: int = 1000, *, linger: timedelta = LINGER) -> None:
        self.in_hand = in_hand
        self.batches: list[tuple[float, str, list[Any]]] = []
        self.fail: Exception | None = None
        self.gathering: Gathering[str, Any, Any] = Gathering(
            self._send, most=20, in_hand=lambda: self.in_hand, linger=linger
        )

    async def _send(self, lane: str, requests: Sequence[Any]) -> Sequence[Any]:
        self.batches.append((asyncio.get_running_loop().time(), lane, list(requests)))
        await asyncio.sleep(1)
        if self.fail is not None:
            raise self.fail
        return [error if isinstance(error := request, Exception) else request for request in requests]

    async def ask(self, *requests: Any, lane: str = "read") -> list[Any]:
        return await asyncio.gather(*(self.gathering.ask(lane, each) for each in requests), return_exceptions=True)

    @property
    def sizes(self) -> list[int]:
        return [len(requests) for _, _, requests in self.batches]


def in_virtual_time(test: Callable[[], Coroutine[Any, Any, None]]) -> Callable[[], None]:
    def run() -> None:
        virtual_time.run(test())

    run.__name__ = test.__name__
    return run


@in_virtual_time
async def test_a_full_batch_leaves_at_once_and_no_batch_holds_more() -> None:
    line = Line()

    answers = await line.ask(*range(47))

    assert answers == list(range(47))
    assert [(when, len(requests)) for when, _, requests in line.batches] == [(0, 20), (0, 20), (1, 7)]


@in_virtual_time
async def test_a_batch_leaves_at_once_when_all_in_hand_wait() -> None:
    line = Line(in_hand=3)

    await line.ask("a", "b", "c")

    assert [(when, requests) for when, _, requests in line.batches] == [(0, ["a", "b", "c"])]


@in_virtual_time
async def test_a_batch_lingers_for_those_who_may_still_come() -> None:
    line = Line(in_hand=3)
    first = asyncio.create_task(line.ask("a"))

    await asyncio.sleep(0.5)
    await line.ask("b")
    await first

    assert [(when, requests) for when, _, requests in line.batches] == [(1, ["a", "b"])]


@in_virtual_time
async def test_kinds_do_not_share_a_batch() -> None:
    line = Line(in_hand=2)

    await asyncio.gather(line.ask("a", lane="read"), line.ask("b", lane="write"))

    assert [(lane, requests) for _, lane, requests in line.batches] == [("read", ["a"]), ("write", ["b"])]


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
async def test_a_batch_of_nobody_is_not_sent() -> None:
    line = Line()
    gone = asyncio.create_task(line.ask("gone"))
    await asyncio.sleep(0.5)
    gone.cancel()

    await asyncio.sleep(5)

    assert line.batches == []


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
async def test_alone_by_rule_each_request_leaves_at_once() -> None:
    sent: list[list[str]] = []

    async def send(_lane: str, requests: Sequence[str]) -> Sequence[str]:
        sent.append(list(requests))
        return requests

    gathering: Gathering[str, str, str] = Gathering(send, most=1, in_hand=lambda: 1000)
    answers = await asyncio.gather(*(gathering.ask("read", each) for each in "ab"))

    assert answers == ["a", "b"]
    assert sent == [["a"], ["b"]]
    assert asyncio.get_running_loop().time() == 0


@in_virtual_time
async def test_a_batch_that_left_does_not_hurry_the_next_one() -> None:
    line = Line()
    first = [asyncio.create_task(line.ask(0))]
    await asyncio.sleep(0.4)
    first += [asyncio.create_task(line.ask(each)) for each in range(19)]  # it is full
    await asyncio.sleep(0.1)
    second = [asyncio.create_task(line.ask("a"))]
    await asyncio.sleep(0.3)
    second += [asyncio.create_task(line.ask("b"))]
    await asyncio.sleep(1)
    third = asyncio.create_task(line.ask("c"))

    await asyncio.gather(*first, *second, third)

    assert [round(when, 3) for when, _, _ in line.batches] == [0.4, 1.5, 2.8]
    assert line.sizes == [20, 2, 1]


@in_virtual_time
async def test_who_has_an_answer_no_longer_counts_as_waiting() -> None:
    line = Line(in_hand=3)
    await line.ask("a", "b", "c")

    await line.ask("d")

    assert [when for when, _, _ in line.batches] == [0, 2]


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
