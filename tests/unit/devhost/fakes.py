"""What the tests of the listener share: a queue in a list, and a function that can be held."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

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
