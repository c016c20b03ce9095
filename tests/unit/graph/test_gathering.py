"""When a batch goes out, and who is in it."""

import asyncio
from collections.abc import Sequence

from shared.graph.gathering import Gathering
from tests.unit.graph.gathering_helpers import Line
from tests.unit.graph.permit_helpers import in_virtual_time


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
async def test_a_batch_of_nobody_is_not_sent() -> None:
    line = Line()
    gone = asyncio.create_task(line.ask("gone"))
    await asyncio.sleep(0.5)
    gone.cancel()

    await asyncio.sleep(5)

    assert line.batches == []


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
