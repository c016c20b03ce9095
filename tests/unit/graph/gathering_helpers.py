"""What tests of the gathering share: something to gather for."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from shared.graph.gathering import Gathering

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
