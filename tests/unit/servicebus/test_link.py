"""Links and the connection, on handlers that open, fail and hang as told; no network."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from shared.servicebus.connection import Connection, Limits
from shared.servicebus.link import Link, LinkFailed

LIMITS = Limits(call=timedelta(seconds=0.3), one_try=timedelta(seconds=0.1), closing=timedelta(seconds=0.2))


class FakeHandler:
    """A receiver or sender. `hangs_on` names what never ends: open or close."""

    def __init__(self, hangs_on: str = "", error: Exception | None = None) -> None:
        self._hangs_on = hangs_on
        self._error = error
        self.busy = False
        self.closed = False

    async def __aenter__(self) -> None:
        if self._hangs_on == "open":
            await asyncio.Event().wait()
        if self._error is not None:
            raise self._error

    async def close(self) -> None:
        if self._hangs_on == "close":
            await asyncio.Event().wait()
        self.closed = True


class Shop:
    """Hands out handlers: those given first, then sound ones."""

    def __init__(self, *handlers: FakeHandler) -> None:
        self._waiting = list(handlers)
        self.handed_out: list[FakeHandler] = []

    def attach(self, client: Any) -> FakeHandler:
        handler = self._waiting.pop(0) if self._waiting else FakeHandler()
        self.handed_out.append(handler)
        return handler


@pytest.fixture
async def connection() -> AsyncIterator[Connection]:
    client: Any = object()
    connection = Connection(lambda options: (client, None), LIMITS)
    yield connection
    await connection.close()


async def work(handler: FakeHandler) -> str:
    """A call that must not be made twice at once."""
    assert not handler.busy
    handler.busy = True
    await asyncio.sleep(0)
    handler.busy = False
    return "done"


async def hang(handler: FakeHandler) -> str:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


class Fails:
    """A call that fails so often, then works."""

    def __init__(self, times: int, error: Exception) -> None:
        self._times = times
        self._error = error

    async def __call__(self, handler: FakeHandler) -> str:
        if self._times:
            self._times -= 1
            raise self._error
        return await work(handler)


async def test_many_calls_share_one_handler_and_take_turns(connection: Connection) -> None:
    shop = Shop()
    link = Link(connection, shop.attach)

    assert await asyncio.gather(*(link.use(work) for _ in range(50))) == ["done"] * 50

    assert len(shop.handed_out) == 1


@pytest.mark.parametrize("error", [ValueError("shut down"), OSError(), AttributeError("x"), TimeoutError()], ids=repr)
async def test_a_failed_call_is_made_once_more_on_a_new_handler(connection: Connection, error: Exception) -> None:
    shop = Shop()
    link = Link(connection, shop.attach)

    assert await link.use(Fails(1, error)) == "done"
    assert await link.use(work) == "done"

    await connection.close()
    assert [handler.closed for handler in shop.handed_out] == [True, True]


async def test_a_call_that_fails_twice_names_the_class_of_the_error_and_nothing_else(connection: Connection) -> None:
    link = Link(connection, Shop().attach)

    with pytest.raises(LinkFailed, match=r"^ValueError$"):
        await link.use(Fails(2, ValueError("ada@contoso.com")))

    assert await link.use(work) == "done"


async def test_a_handler_that_will_not_open_is_closed_and_another_tried(connection: Connection) -> None:
    shop = Shop(FakeHandler(error=OSError("refused")))
    link = Link(connection, shop.attach)

    assert await link.use(work) == "done"

    await connection.close()
    assert shop.handed_out[0].closed


async def test_rule_11_a_call_that_hangs_ends_at_its_deadline_and_costs_the_handler(connection: Connection) -> None:
    shop = Shop()
    link = Link(connection, shop.attach)

    with pytest.raises(LinkFailed, match=r"^TimeoutError$"):
        await link.use(hang)

    assert await link.use(work) == "done"
    assert len(shop.handed_out) == 2


async def test_an_opening_that_hangs_ends_at_the_deadline_too(connection: Connection) -> None:
    shop = Shop(FakeHandler("open"))
    link = Link(connection, shop.attach)

    with pytest.raises(LinkFailed, match=r"^TimeoutError$"):
        await link.use(work)

    assert await link.use(work) == "done"


async def test_waiting_for_ones_turn_counts_towards_the_deadline_and_costs_nobody_the_handler(
    connection: Connection,
) -> None:
    shop = Shop()
    link = Link(connection, shop.attach)
    await link.use(work)

    async with link._one_at_a_time:
        with pytest.raises(LinkFailed, match=r"^TimeoutError$"):
            await link.use(work)
    await link.use(work)

    assert len(shop.handed_out) == 1


async def test_a_cancelled_call_is_cancelled_and_costs_the_handler(connection: Connection) -> None:
    shop = Shop()
    link = Link(connection, shop.attach)

    call = asyncio.create_task(link.use(hang))
    await asyncio.sleep(0.01)
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call

    assert await link.use(work) == "done"
    await connection.close()
    assert [handler.closed for handler in shop.handed_out] == [True, True]


async def test_closing_is_over_in_time_although_a_handler_hangs(connection: Connection) -> None:
    shop = Shop(FakeHandler("close"), FakeHandler())
    for _ in range(2):
        await Link(connection, shop.attach).use(work)

    async with asyncio.timeout(10 * LIMITS.closing.total_seconds()):
        await connection.close()

    assert [handler.closed for handler in shop.handed_out] == [False, True]


async def test_a_closed_connection_opens_nothing_more(connection: Connection) -> None:
    shop = Shop()
    await connection.close()

    with pytest.raises(LinkFailed, match=r"^ConnectionError$"):
        await Link(connection, shop.attach).use(work)

    assert shop.handed_out == []
