import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from devhost import errors
from devhost.clock import SystemClock
from devhost.listener import Listener
from devhost.worker import InvocationResult

OK = InvocationResult(succeeded=True)
FAILED = InvocationResult(succeeded=False, error_text="ValueError: poison")


class FakeLink:
    """A queue in a list. Fails as often as told; knows what became of each message."""

    def __init__(self, *messages: str) -> None:
        self.waiting = asyncio.Queue[str]()
        for message in messages:
            self.waiting.put_nowait(message)
        self.settled: list[tuple[str, str]] = []
        self.failures_to_open: list[Exception] = []
        self.failures_to_receive: list[Exception] = []
        self.failures_to_settle: list[Exception] = []
        self.opened = self.closed = self.receiving = 0
        self.patience = 0.01

    async def open(self) -> None:
        self.opened += 1
        if self.failures_to_open:
            raise self.failures_to_open.pop(0)

    async def close(self) -> None:
        self.closed += 1

    async def receive(self, seconds: float) -> str | None:
        self.receiving += 1
        if self.failures_to_receive:
            raise self.failures_to_receive.pop(0)
        try:
            return await asyncio.wait_for(self.waiting.get(), min(seconds, self.patience))
        except TimeoutError:
            return None

    def locked_until(self, message: str) -> dt.datetime | None:
        return None

    def describe(self, message: str) -> str:
        return message

    async def renew(self, message: str) -> dt.datetime:
        raise AssertionError("a message without a lock is not renewed")

    async def abandon(self, message: str) -> None:
        await self._settle("abandoned", message)

    async def complete(self, message: str) -> None:
        await self._settle("completed", message)

    async def _settle(self, verb: str, message: str) -> None:
        if self.failures_to_settle:
            raise self.failures_to_settle.pop(0)
        self.settled.append((verb, message))


class Function:
    """Holds each invocation until it is let go."""

    def __init__(self, *, result: InvocationResult = OK, held: bool = False) -> None:
        self.result = result
        self.started: list[str] = []
        self.go = asyncio.Event()
        if not held:
            self.go.set()

    async def __call__(self, message: str) -> InvocationResult:
        self.started.append(message)
        await self.go.wait()
        return self.result


def listener(
    link: FakeLink,
    function: Callable[[str], Awaitable[InvocationResult]],
    *,
    slots: int = 16,
    auto_complete: bool = False,
) -> Listener[str]:
    return Listener(
        "one",
        link,
        function,
        clock=SystemClock(),
        max_concurrent_calls=slots,
        max_auto_lock_renewal=None,
        auto_complete=auto_complete,
    )


@asynccontextmanager
async def running(one: Listener[str]) -> AsyncIterator[asyncio.Event]:
    stop = asyncio.Event()
    task = asyncio.create_task(one.run(stop))
    yield stop
    stop.set()
    await task
    await one.drain(5)


async def until(condition: Callable[[], object]) -> None:
    async with asyncio.timeout(5):
        while not condition():  # noqa: ASYNC110 - any condition at all
            await asyncio.sleep(0.001)


async def test_no_more_run_at_once_than_there_are_slots() -> None:
    link, function = FakeLink("a", "b", "c"), Function(held=True)

    async with running(listener(link, function, slots=2)):
        await until(lambda: len(function.started) == 2)
        receives = link.receiving
        await asyncio.sleep(0.02)
        at_the_limit, receives_at_the_limit = list(function.started), link.receiving
        function.go.set()
        await until(lambda: len(function.started) == 3)

    assert at_the_limit == ["a", "b"]
    assert receives_at_the_limit == receives == 2


async def test_a_failed_invocation_is_abandoned() -> None:
    link = FakeLink("a")

    async with running(listener(link, Function(result=FAILED), auto_complete=True)):
        await until(lambda: link.settled)

    assert link.settled == [("abandoned", "a")]


@pytest.mark.parametrize(
    ("auto_complete", "settled"),
    [pytest.param(False, [], id="left to the app"), pytest.param(True, [("completed", "a")], id="completed")],
)
async def test_a_success_is_completed_only_if_the_app_asks(auto_complete: bool, settled: list[tuple[str, str]]) -> None:
    link, function = FakeLink("a"), Function()

    async with running(listener(link, function, auto_complete=auto_complete)):
        await until(lambda: function.started)

    assert link.settled == settled


async def test_a_settlement_that_fails_stops_nothing() -> None:
    link = FakeLink("a", "b")
    link.failures_to_settle = [errors.LockLost("settled by the app")]

    async with running(listener(link, Function(result=FAILED))):
        await until(lambda: link.settled)

    assert link.settled == [("abandoned", "b")]


async def test_a_lost_link_is_opened_again_as_often_as_it_takes() -> None:
    link, function = FakeLink("a"), Function()
    link.failures_to_receive = [errors.LinkLost("hung up")]
    link.failures_to_open = [errors.LinkLost("refused"), errors.LinkLost("refused")]

    async with running(listener(link, function)):
        await until(lambda: function.started)

    assert link.opened == 3


async def test_a_link_that_never_opens_does_not_outlive_the_stop() -> None:
    link = FakeLink()
    link.failures_to_open = [errors.LinkLost("refused") for _ in range(1000)]
    stop = asyncio.Event()
    opening = asyncio.create_task(listener(link, Function()).open(stop))
    await until(lambda: link.opened)

    stop.set()

    await asyncio.wait_for(opening, 5)


async def test_a_message_that_arrives_after_the_stop_is_given_back_unstarted() -> None:
    link, function = FakeLink(), Function()
    link.patience = 1.0

    async with running(listener(link, function)) as stop:
        await until(lambda: link.receiving)
        stop.set()
        link.waiting.put_nowait("late")

    assert (function.started, link.settled) == ([], [("abandoned", "late")])


async def test_a_drain_waits_for_what_is_running() -> None:
    link, function = FakeLink("a"), Function(held=True)
    one = listener(link, function, auto_complete=True)

    async with running(one) as stop:
        await until(lambda: function.started)
        stop.set()
        draining = asyncio.create_task(one.drain(5))
        await asyncio.sleep(0)
        function.go.set()
        cut_off = await draining

    assert (cut_off, link.settled) == (0, [("completed", "a")])


async def test_what_outlasts_the_drain_is_cut_off_and_left_locked() -> None:
    link, function = FakeLink("a"), Function(held=True)
    one = listener(link, function)

    async with running(one) as stop:
        await until(lambda: function.started)
        stop.set()
        cut_off = await one.drain(0.01)

    assert (cut_off, link.settled) == (1, [])


async def test_a_closed_listener_runs_nothing() -> None:
    link, cancelled = FakeLink("a"), asyncio.Event()

    async def function(message: str) -> InvocationResult:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        return OK

    one = listener(link, function)
    async with running(one):
        await until(link.waiting.empty)
        await asyncio.sleep(0.01)
        await one.close()

    assert (cancelled.is_set(), link.closed) == (True, 1)
