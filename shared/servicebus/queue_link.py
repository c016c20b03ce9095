"""Settling on one queue by lock token, over a receiver that never receives.

Knows the SDK's verbs and what a lost lock means; nothing of why a message is settled so. The receiver is given no credit, so it
takes no message from the trigger.
"""

from __future__ import annotations

import uuid
from enum import Enum, auto
from typing import TYPE_CHECKING, assert_never

from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.ports import SettlementFailed
from shared.servicebus import lock_tokens
from shared.servicebus.connection import Connection
from shared.servicebus.link import Link, LinkFailed

if TYPE_CHECKING:
    from azure.servicebus import ServiceBusReceivedMessage
    from azure.servicebus.aio import ServiceBusReceiver


class _Answer(Enum):
    SETTLED = auto()
    LOCK_LOST = auto()
    LOCK_LOST_OR_SETTLED_BEFORE = auto()


class QueueLink:
    """One settlement at a time, on one queue."""

    def __init__(self, connection: Connection, queue: str) -> None:
        self._queue = queue
        # PEEK_LOCK and no prefetching are the SDK's defaults.
        self._link: Link[ServiceBusReceiver] = Link(connection, lambda client: client.get_queue_receiver(queue))

    async def settle(self, lock_token: str, settlement: Complete | Abandon | DeadLetter) -> None:
        """Complete, abandon or dead-letter the delivery that has this token. Raises SettlementFailed."""
        try:
            token = lock_tokens.parse(lock_token)
            answer = await self._link.use(_Call(token, settlement))
        except ValueError as error:
            raise SettlementFailed(f"queue {self._queue}: {error}") from None
        except LinkFailed as error:
            raise SettlementFailed(f"queue {self._queue}: settling failed: {error}") from error
        match answer:
            case _Answer.SETTLED:
                return
            case _Answer.LOCK_LOST:
                raise SettlementFailed(f"queue {self._queue}: the lock is lost", lock_lost=True)
            case _Answer.LOCK_LOST_OR_SETTLED_BEFORE:
                text = (
                    "the lock is lost at the second try; the first, whose answer was lost, may have settled the message"
                )
                raise SettlementFailed(f"queue {self._queue}: {text}", lock_lost=True)
            case _:
                assert_never(answer)


class _Call:
    """One settlement, of one or two tries."""

    def __init__(self, lock_token: uuid.UUID, settlement: Complete | Abandon | DeadLetter) -> None:
        self._lock_token = lock_token
        self._settlement = settlement
        self._tries = 0

    async def __call__(self, receiver: ServiceBusReceiver) -> _Answer:
        from azure.servicebus.exceptions import MessageLockLostError  # noqa: PLC0415 - not before the first message

        self._tries += 1
        message = lock_tokens.rehydrate(self._lock_token)  # anew: the SDK settles one object once
        try:
            await self._apply(receiver, message)
        except MessageLockLostError:  # the one error after which the receiver is as good as before
            return _Answer.LOCK_LOST if self._tries == 1 else _Answer.LOCK_LOST_OR_SETTLED_BEFORE
        return _Answer.SETTLED

    async def _apply(self, receiver: ServiceBusReceiver, message: ServiceBusReceivedMessage) -> None:
        match self._settlement:
            case Complete():
                await receiver.complete_message(message)
            case Abandon():
                await receiver.abandon_message(message)
            case DeadLetter(reason, description):
                await receiver.dead_letter_message(message, reason=reason.value, error_description=description)
            case _:
                assert_never(self._settlement)
