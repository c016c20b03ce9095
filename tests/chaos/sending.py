"""Who sends the messages, whatever becomes of Service Bus: again under the same id, until it is known to have arrived."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from azure.servicebus import ServiceBusClient, ServiceBusMessage
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
        self._client: ServiceBusClient | None = None
        self._thread = threading.Thread(target=self._work, name="sender", daemon=True)
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

    def _work(self) -> None:
        while (sendings := self._to_send.get()) is not None:
            now = self._clock.now()
            for each in sendings:
                self.tried_at.setdefault(each.message_id, now)
            while not self._tried(self._send, sendings):
                self._tried(self._hang_up)
                time.sleep(_PAUSE_SECONDS)
            self.arrived += len(sendings)
            self._to_send.task_done()
        self._tried(self._hang_up)

    @staticmethod
    def _tried[*A](act: Callable[[*A], None], *given: *A) -> bool:
        try:
            act(*given)
        except _ERRORS:
            return False
        return True

    def _send(self, sendings: Sequence[Sending]) -> None:
        if self._client is None:
            self._client = ServiceBusClient.from_connection_string(self._connection_string, retry_total=0)
        messages = [ServiceBusMessage(each.story.body(self._begun), message_id=each.message_id) for each in sendings]
        with self._client.get_queue_sender(sendings[0].story.queue) as sender:
            sender.send_messages(messages, timeout=_TIMEOUT_SECONDS)

    def _hang_up(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            client.close()
