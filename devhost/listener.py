"""One function and its queue: takes messages, runs the function on each, and does what the host does afterwards.

Knows the host's semantics: at most so many at once; a failed invocation is abandoned; a successful one is completed only where
the app asked for that. Knows no SDK: the link and the invocation are passed in.
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from devhost import errors, lock_renewal
from devhost.clock import Clock
from devhost.worker import InvocationResult

RECEIVE_SECONDS = 0.5  # how long a stop may have to wait for the receive that is under way
_FIRST_BACKOFF_SECONDS = 0.1
_LONGEST_BACKOFF_SECONDS = 5.0

_log = logging.getLogger(__name__)


class Link[M](Protocol):
    """A queue, as the listener needs it. Each call may raise LinkLost; renewing and settling also LockLost."""

    async def open(self) -> None: ...  # noqa: D102
    async def close(self) -> None: ...  # noqa: D102
    async def receive(self, seconds: float, /) -> M | None: ...  # noqa: D102
    def locked_until(self, message: M, /) -> dt.datetime | None: ...  # noqa: D102
    def describe(self, message: M, /) -> str: ...  # noqa: D102
    async def renew(self, message: M, /) -> dt.datetime: ...  # noqa: D102
    async def abandon(self, message: M, /) -> None: ...  # noqa: D102
    async def complete(self, message: M, /) -> None: ...  # noqa: D102


class Listener[M]:
    """Feeds one function from one queue."""

    def __init__(
        self,
        name: str,
        link: Link[M],
        invoke: Callable[[M], Awaitable[InvocationResult]],
        *,
        clock: Clock,
        max_concurrent_calls: int,
        max_auto_lock_renewal: dt.timedelta | None,
        auto_complete: bool,
    ) -> None:
        self._name = name
        self._link = link
        self._invoke = invoke
        self._clock = clock
        self._slots = max_concurrent_calls
        self._longest = max_auto_lock_renewal
        self._auto_complete = auto_complete
        self._running: set[asyncio.Task[None]] = set()
        self._lost_before = False
        self._backoff_seconds = _FIRST_BACKOFF_SECONDS

    async def open(self, stop: asyncio.Event) -> None:
        """Open the link, however long that takes, with a backoff between tries; give up only when told to stop."""
        while not stop.is_set():
            try:
                await self._link.open()
            except errors.LinkLost as error:
                _log.warning("listener.link_not_open", extra={"function": self._name, "error": str(error)})
            else:
                return
            await self._back_off(stop)

    async def _back_off(self, stop: asyncio.Event) -> None:
        await self._clock.wait(stop, self._backoff_seconds)
        self._backoff_seconds = min(self._backoff_seconds * 2, _LONGEST_BACKOFF_SECONDS)

    async def run(self, stop: asyncio.Event) -> None:
        """Take messages until told to stop. What is running then goes on: see drain."""
        stopped = asyncio.ensure_future(stop.wait())
        try:
            while not stop.is_set():
                if len(self._running) >= self._slots:
                    await asyncio.wait({stopped, *self._running}, return_when=asyncio.FIRST_COMPLETED)
                    continue
                message = await self._receive(stop)
                if message is None:
                    continue
                if stop.is_set():
                    await self._give_back(message)
                else:
                    self._start(message)
        finally:
            stopped.cancel()

    async def _receive(self, stop: asyncio.Event) -> M | None:
        try:
            message = await self._link.receive(RECEIVE_SECONDS)
        except errors.LinkLost as error:
            _log.warning("listener.link_lost", extra={"function": self._name, "error": str(error)})
            if self._lost_before:  # it opens, and breaks at once: a queue that does not exist, for one
                await self._back_off(stop)
            self._lost_before = True
            await self.open(stop)
            return None
        self._lost_before = False
        self._backoff_seconds = _FIRST_BACKOFF_SECONDS
        return message

    def _start(self, message: M) -> None:
        task = asyncio.create_task(self._handle(message), name=f"{self._name}:{self._link.describe(message)}")
        self._running.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._running.discard(task)
        if not task.cancelled() and (error := task.exception()):
            _log.error("listener.defect", extra={"function": self._name}, exc_info=error)

    async def _handle(self, message: M) -> None:
        done = asyncio.Event()
        renewal = asyncio.create_task(self._keep_locked(message, done))
        try:
            result = await self._invoke(message)
        finally:
            done.set()
            await renewal
        await self._settle(message, result)

    async def _keep_locked(self, message: M, done: asyncio.Event) -> None:
        locked_until = self._link.locked_until(message)
        if locked_until is None:
            return
        await lock_renewal.keep_locked(
            lambda: self._link.renew(message),
            locked_until=locked_until,
            longest=self._longest,
            done=done,
            clock=self._clock,
            message=self._link.describe(message),
        )

    async def _settle(self, message: M, result: InvocationResult) -> None:
        if not result.succeeded:
            fields = {"function": self._name, "message_id": self._link.describe(message), "error": result.error_type}
            _log.error("listener.invocation_failed", extra=fields)
            await self._give_back(message)
        elif self._auto_complete:
            await self._apply(self._link.complete, message)

    async def _give_back(self, message: M) -> None:
        await self._apply(self._link.abandon, message)

    async def _apply(self, settlement: Callable[[M], Awaitable[None]], message: M) -> None:
        try:
            await settlement(message)
        except (errors.LockLost, errors.LinkLost) as error:  # settled already, or it comes back when its lock expires
            fields = {"function": self._name, "message_id": self._link.describe(message), "error": str(error)}
            _log.warning("listener.not_settled", extra=fields)

    async def drain(self, seconds: float) -> int:
        """Wait so long for what is running, then cancel it. Returns how many were cancelled: their locks will expire."""
        if not self._running:
            return 0
        _, late = await asyncio.wait(set(self._running), timeout=max(0.0, seconds))
        for task in late:
            task.cancel()
        if late:
            _log.error("listener.cut_off", extra={"function": self._name, "invocations": len(late)})
            await asyncio.wait(late, timeout=1.0)
        return len(late)

    async def close(self) -> None:
        """Close the link, and cut off what is still running: after a drain nothing is."""
        for task in self._running:
            task.cancel()
        await self._link.close()
