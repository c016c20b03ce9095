"""One queue's dead letters: looking at them, taking them under a lock, settling them, and sending their replays.

Knows the SDK; decides nothing. A receiver that takes messages leaves credit behind, and would be handed at once what was just
given back; so it is closed before anything is given back, and settling goes by lock token over a receiver that never takes any.
"""

from __future__ import annotations

import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.replays import Replay
from shared.messaging.settlement import Complete
from shared.servicebus import lock_tokens, reading, sending
from shared.servicebus.connection import Connection, Handler
from shared.servicebus.link import Link, LinkFailed
from shared.servicebus.queue_link import QueueLink

if TYPE_CHECKING:
    from azure.servicebus import ServiceBusReceivedMessage
    from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender

SUBQUEUE: Final = "/$DeadLetterQueue"
PAGE: Final = 250
"""Messages in one answer. The service may send fewer, as an answer has a limit in bytes; it says nothing of the end but nothing."""
BATCH: Final = 100
"""Messages taken at a time: few enough that one cut off amid a batch leaves few behind a lock."""
FIRST_WAIT: Final = timedelta(seconds=5)
"""How long no message must come until the queue counts as empty."""


class DeadLettersUnreachable(Exception):
    """Looking, taking or sending failed, the last perhaps after it took effect. The text names the queue and the error's class."""


class DeadLetterQueue:
    """The dead letters of one queue. Opens nothing before the first call."""

    def __init__(self, connection: Connection, queue: str, *, first_wait: timedelta = FIRST_WAIT) -> None:
        self.queue = queue
        self._first_wait = first_wait

        def receiver(client: ServiceBusClient) -> ServiceBusReceiver:
            return client.get_queue_receiver(queue + SUBQUEUE)

        self._looking: Link[ServiceBusReceiver] = Link(connection, receiver)
        self._taking: Link[ServiceBusReceiver] = Link(connection, receiver)
        self._settling = QueueLink(connection, queue + SUBQUEUE)
        self._sending: Link[ServiceBusSender] = Link(connection, lambda client: client.get_queue_sender(queue))

    async def peek(self) -> AsyncIterator[DeadLettered]:
        """Every dead letter, locked or not, in the order of sequence numbers. Raises DeadLettersUnreachable."""
        following = 1  # 0 would go on where the last peek on this link ended
        while page := await self._page(following):
            for message in page:
                yield reading.dead_lettered(message, queue=self.queue)
            following = (page[-1].sequence_number or 0) + 1

    async def receive(self) -> Sequence[DeadLettered]:
        """Some that nobody has locked, now locked by us; none if there are no more. Raises DeadLettersUnreachable."""

        async def receive(receiver: ServiceBusReceiver) -> list[ServiceBusReceivedMessage]:
            return await receiver.receive_messages(BATCH, max_wait_time=self._first_wait.total_seconds())

        found = await self._use(self._taking, receive, "dead letters could not be received")
        return [reading.dead_lettered(message, queue=self.queue) for message in found]

    async def complete(self, dead_letter: DeadLettered) -> None:
        """Remove one that we have locked. Raises SettlementFailed."""
        await self._settling.settle(dead_letter.message.lock_token, Complete())

    async def release(self, dead_letters: Sequence[DeadLettered]) -> None:
        """End a round: give back what we have locked, and take no more. Raises DeadLettersUnreachable; locks end by themselves."""
        if dead_letters:
            await self._taking.end()
        for start in range(0, len(dead_letters), BATCH):
            tokens = [uuid.UUID(each.message.lock_token) for each in dead_letters[start : start + BATCH]]

            async def release(receiver: ServiceBusReceiver, tokens: list[uuid.UUID] = tokens) -> None:
                await lock_tokens.abandon_all(receiver, tokens)

            await self._use(self._looking, release, "dead letters could not be given back")

    async def send(self, replay: Replay) -> None:
        """Send a replay to the queue. Raises DeadLettersUnreachable; tried twice it has one id, of which the queue keeps one."""

        async def send(sender: ServiceBusSender) -> None:
            await sender.send_messages(sending.replay_message(replay))

        await self._use(self._sending, send, "a replay could not be sent")

    async def _page(self, following: int) -> Sequence[ServiceBusReceivedMessage]:
        async def peek(receiver: ServiceBusReceiver) -> list[ServiceBusReceivedMessage]:
            return await receiver.peek_messages(PAGE, sequence_number=following)

        return await self._use(self._looking, peek, "dead letters could not be looked at")

    async def _use[H: Handler, T](self, link: Link[H], call: Callable[[H], Awaitable[T]], failure: str) -> T:
        try:
            return await link.use(call)
        except LinkFailed as error:
            raise DeadLettersUnreachable(f"queue {self.queue}: {failure}: {error}") from error
