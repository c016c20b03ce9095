"""Requests of concurrent callers, gathered into batches. Knows who waits and for how long; not how a batch is sent.

A batch goes out when it is full, when nobody else can join because all who are in hand wait already, or when its first request
has lingered. A caller sees one awaitable, and may be cancelled without harm to those who share its batch.
"""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from shared.domain.errors import GraphUnavailable

LINGER: Final = timedelta(milliseconds=100)
"""How long the first of a batch waits for others: about as long as twenty writes to the journal take."""


def nobody_else() -> int:
    """The callers in hand where nobody counts them: a batch is whoever asks in the same moment."""
    return 0


@dataclass(slots=True)
class _Lane[Request, Answer]:
    """Those who wait for the next batch of one kind."""

    waiting: list[tuple[Request, asyncio.Future[Answer]]] = field(default_factory=list)
    timer: asyncio.TimerHandle | None = None


class Gathering[Lane: Hashable, Request, Answer]:
    """Gathers by lane; `send` answers all requests of a batch in their order, each by its answer or by an error of its own.

    `in_hand` tells how many callers may ask at this moment, those who wait included.
    """

    def __init__(
        self,
        send: Callable[[Lane, Sequence[Request]], Awaitable[Sequence[Answer | Exception]]],
        *,
        most: int,
        in_hand: Callable[[], int] = nobody_else,
        linger: timedelta = LINGER,
    ) -> None:
        self._send = send
        self._most = most
        self._in_hand = in_hand
        self._linger = linger.total_seconds()
        self._lanes: dict[Lane, _Lane[Request, Answer]] = {}
        self._waiting = 0
        self._under_way: set[asyncio.Task[None]] = set()

    async def ask(self, lane: Lane, request: Request) -> Answer:
        """The answer to one request. Raises what `send` gave in its place; GraphUnavailable if the service is stopping."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        joined = self._lanes.setdefault(lane, _Lane())
        joined.waiting.append((request, answer))
        if len(joined.waiting) >= self._most:
            self._depart(lane)
        elif joined.timer is None:
            joined.timer = loop.call_later(self._linger, self._depart, lane)
        loop.call_soon(self._depart_if_all_wait)  # by then everybody who was woken with this caller has asked too
        self._waiting += 1
        try:
            return await answer
        finally:
            self._waiting -= 1

    async def close(self) -> None:
        """Give up what is under way; who waits gets GraphUnavailable."""
        for lane in list(self._lanes):
            self._depart(lane)
        for task in self._under_way:
            task.cancel()
        if self._under_way:
            await asyncio.wait(self._under_way)

    def _depart_if_all_wait(self) -> None:
        if self._waiting >= self._in_hand():
            for lane in list(self._lanes):
                self._depart(lane)

    def _depart(self, lane: Lane) -> None:
        leaving = self._lanes.pop(lane)
        if leaving.timer is not None:
            leaving.timer.cancel()
        batch = [
            (request, answer) for request, answer in leaving.waiting if not answer.done()
        ]  # done: it was cancelled
        if batch:
            task = asyncio.create_task(self._exchange(lane, batch), name="batch to graph")
            self._under_way.add(task)
            task.add_done_callback(lambda task: self._ended(task, batch))

    async def _exchange(self, lane: Lane, batch: Sequence[tuple[Request, asyncio.Future[Answer]]]) -> None:
        answered: Sequence[tuple[asyncio.Future[Answer], Answer | Exception]]
        answers = [answer for _, answer in batch]
        try:
            results = await self._send(lane, [request for request, _ in batch])
            answered = list(zip(answers, results, strict=True))
        except Exception as error:  # noqa: BLE001 - handed to those who wait
            answered = [(answer, error) for answer in answers]
        self._hand_out(answered)

    def _ended(self, task: asyncio.Task[None], batch: Sequence[tuple[Request, asyncio.Future[Answer]]]) -> None:
        self._under_way.discard(task)
        if task.cancelled():  # perhaps before it began
            self._hand_out([(answer, GraphUnavailable("the service is stopping")) for _, answer in batch])

    @staticmethod
    def _hand_out(answered: Sequence[tuple[asyncio.Future[Answer], Answer | Exception]]) -> None:
        for answer, result in answered:
            if answer.done():
                continue
            if isinstance(result, Exception):
                answer.set_exception(result)
            else:
                answer.set_result(result)
