"""Who sends the messages, whatever becomes of Service Bus: again under the same ids, until they are known to have arrived."""

import asyncio
import queue
import threading
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

from emulators.clock import Clock
from tests.chaos.load import Sending

_TIMEOUT_SECONDS: Final = 5.0
_PAUSE_SECONDS: Final = 0.5
_ERRORS: Final = (ServiceBusError, ValueError, OSError)  # a sender whose connection was cut raises any of them


class Sender:
    """Sends in a thread of its own. `tried_at` has when each message id was first tried, `arrived` counts the messages."""

    def __init__(self, connection_string: str, *, begun: datetime, clock: Clock) -> None:
        self.tried_at: dict[str, datetime] = {}
        self.arrived = 0
        self._connection_string = connection_string
        self._begun = begun
        self._clock = clock
        self._to_send: queue.Queue[Sequence[Sending] | None] = queue.Queue()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._work()), name="sender", daemon=True)
        self._thread.start()

    def send(self, sendings: Sequence[Sending]) -> None:
        """Send them after all before them, those of a queue at once; returns without waiting."""
        for name in {each.story.queue for each in sendings}:
            self._to_send.put([each for each in sendings if each.story.queue == name])

    @property
    def idle(self) -> bool:
        """Whether everything has arrived that was to be sent."""
        return not self._to_send.unfinished_tasks

    def end(self) -> None:
        """Send no more; returns when that is so."""
        self._to_send.put(None)
        self._thread.join()

    async def _work(self) -> None:
        while (sendings := await asyncio.to_thread(self._to_send.get)) is not None:
            now = self._clock.now()
            for each in sendings:
                self.tried_at.setdefault(each.message_id, now)
            while not await self._sent(sendings):
                pass
            self.arrived += len(sendings)
            self._to_send.task_done()

    async def _sent(self, sendings: Sequence[Sending]) -> bool:
        """Send them on a connection of their own. The SDK waits for ever for a link that is never answered: here it does not."""
        messages = [ServiceBusMessage(each.story.body(self._begun), message_id=each.message_id) for each in sendings]
        try:
            async with (
                asyncio.timeout(2 * _TIMEOUT_SECONDS),
                ServiceBusClient.from_connection_string(self._connection_string, retry_total=0) as client,
                client.get_queue_sender(sendings[0].story.queue) as sender,
            ):
                await sender.send_messages(messages, timeout=_TIMEOUT_SECONDS)
        except _ERRORS:  # a timeout is an OSError too
            await asyncio.sleep(_PAUSE_SECONDS)
            return False
        return True
