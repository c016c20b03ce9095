"""A queue and a topic in virtual time. Knows nothing of Graph."""

import asyncio
import heapq
import itertools
import json
from dataclasses import dataclass, field
from typing import Final

from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from tests import builders
from tests.virtual_time import VirtualClock

BROKER_SECONDS: Final = 0.02


@dataclass(slots=True)
class Broker:
    """A queue with scheduled messages; every message that is due goes to the next process with room."""

    offboarding: bool = False
    ended: dict[str, str] = field(default_factory=dict)
    held: list[float] = field(default_factory=list)
    deliveries: int = 0
    last_attempt: int = 1
    _due: list[tuple[float, int, builders.Trigger]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, trigger: builders.Trigger, at: float = 0.0) -> None:
        """Enqueue a message, now or later."""
        heapq.heappush(self._due, (at, next(self._numbers), trigger))
        self._changed.set()

    async def next(self) -> builders.Trigger:
        """Wait for the next message that is due; for one caller at a time."""
        loop = asyncio.get_running_loop()
        while not self._due or self._due[0][0] > loop.time():
            wait = self._due[0][0] - loop.time() if self._due else 3600
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return heapq.heappop(self._due)[2]

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """As ports.Settler."""
        await asyncio.sleep(BROKER_SECONDS)
        if isinstance(settlement, DeadLetter):
            self.ended[message.original_message_id] = settlement.reason.value
        elif isinstance(settlement, Abandon):
            self.ended[message.original_message_id] = "abandoned"

    async def schedule(self, copy: ScheduledCopy) -> None:
        """As ports.Settler."""
        await asyncio.sleep(BROKER_SECONDS)
        if copy.original.queue == builders.VERIFICATION:
            return  # measured apart
        at = (copy.enqueue_at - VirtualClock().now()).total_seconds() + asyncio.get_running_loop().time()
        self.last_attempt = max(self.last_attempt, int(copy.application_properties["attempt"]))
        self.send(builders.delivery(copy), at)

    async def publish(self, publication: Publication) -> None:
        """As ports.OutcomePublisher."""
        await asyncio.sleep(BROKER_SECONDS)
        data = json.loads(publication.document)["data"]
        self.ended[data["eventId"]] = data["outcome"]
