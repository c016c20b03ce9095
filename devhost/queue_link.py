"""One queue, over azure-servicebus: receives from it, renews and settles what was received.

Knows the SDK and its traps. Two receivers, since one is not safe for two things at once: messages come in on the first, which
nothing else uses; the second never gets credit, and locks are renewed and messages settled over its management link, by lock
token, one at a time (the SDK goes there by itself for a message that another receiver took).
"""

import asyncio
import datetime as dt
import logging
from collections.abc import Awaitable, Callable

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver
from azure.servicebus.exceptions import MessageAlreadySettled, MessageLockLostError, ServiceBusError

from devhost import errors

_RENEW_TIMEOUT_SECONDS = 10
# A receiver that its connection has left answers ValueError ("handler has already been shutdown"), for ever.
_LINK_ERRORS = (ServiceBusError, ValueError, OSError)

_log = logging.getLogger(__name__)


class QueueLink:
    """A link to one queue. Opened and lost any number of times."""

    def __init__(self, client: ServiceBusClient, queue: str, *, prefetch_count: int = 0) -> None:
        self._client = client
        self._queue = queue
        self._prefetch_count = prefetch_count
        self._intake: ServiceBusReceiver | None = None
        self._keeper: ServiceBusReceiver | None = None
        self._keeper_lock = asyncio.Lock()
        self._keeper_in_doubt = False
        self._closing: set[asyncio.Task[None]] = set()

    async def open(self) -> None:
        """Open both receivers, where they are not open. Raises LinkLost."""
        # Both are let to end, so that none is left half open.
        for error in await asyncio.gather(self._open_intake(), self._open_keeper(), return_exceptions=True):
            if isinstance(error, _LINK_ERRORS):
                raise errors.LinkLost(f"queue {self._queue}: {type(error).__name__}: {error}") from error
            if error is not None:
                raise error

    async def _open_intake(self) -> None:
        if self._intake is None:
            self._intake = await self._opened(self._prefetch_count)

    async def _open_keeper(self) -> None:
        async with self._keeper_lock:
            await self._ready_keeper()

    async def _ready_keeper(self) -> ServiceBusReceiver:
        if self._keeper_in_doubt:
            self._keeper_in_doubt = False
            self._drop_keeper()
        if self._keeper is None:
            self._keeper = await self._opened(0)
        return self._keeper

    async def _opened(self, prefetch_count: int) -> ServiceBusReceiver:
        receiver = self._client.get_queue_receiver(self._queue, prefetch_count=prefetch_count)
        try:
            await receiver.__aenter__()  # a receiver that is not open settles nothing
        except BaseException:
            self._discard(receiver)
            raise
        return receiver

    async def receive(self, seconds: float) -> ServiceBusReceivedMessage | None:
        """Take one message, or None if none came in this time. Raises LinkLost; then open again.

        One at a time, for the SDK holds a batch back for 0.2 s after its first message. Credit that was given and not used
        stays given; a message that uses it up between two calls waits in the socket for the next.
        """
        if self._intake is None:
            raise errors.LinkLost(f"queue {self._queue}: not open")
        try:
            messages = await self._intake.receive_messages(max_message_count=1, max_wait_time=seconds)
        except _LINK_ERRORS as error:
            self._drop_intake()
            self._keeper_in_doubt = True  # locks run out while somebody finds out whether it is gone as well
            raise errors.LinkLost(f"queue {self._queue}: {type(error).__name__}: {error}") from error
        return messages[0] if messages else None

    def locked_until(self, message: ServiceBusReceivedMessage) -> dt.datetime | None:
        """When the message's lock ends, aware, or None if Service Bus did not say."""
        return message.locked_until_utc

    def describe(self, message: ServiceBusReceivedMessage) -> str:
        """The message's id, for logs."""
        return str(message.message_id)

    async def renew(self, message: ServiceBusReceivedMessage) -> dt.datetime:
        """Renew the message's lock; returns its new end. Raises LockLost, LinkLost."""
        return await self._manage(
            lambda keeper: keeper.renew_message_lock(message, timeout=_RENEW_TIMEOUT_SECONDS), "renew"
        )

    async def abandon(self, message: ServiceBusReceivedMessage) -> None:
        """Give the message back: it is delivered again at once, its delivery count raised. Raises LockLost, LinkLost."""
        await self._manage(lambda keeper: keeper.abandon_message(message), "abandon")

    async def complete(self, message: ServiceBusReceivedMessage) -> None:
        """Remove the message from the queue. Raises LockLost, LinkLost."""
        await self._manage(lambda keeper: keeper.complete_message(message), "complete")

    async def _manage[T](self, operation: Callable[[ServiceBusReceiver], Awaitable[T]], verb: str) -> T:
        async with self._keeper_lock:
            for last in (False, True):
                try:
                    return await operation(await self._ready_keeper())
                except (MessageLockLostError, MessageAlreadySettled) as error:
                    raise errors.LockLost(f"{verb}: {type(error).__name__}") from error
                except Exception as error:  # the SDK also raises what it stumbles over, such as TypeError
                    self._drop_keeper()
                    if last:
                        raise errors.LinkLost(f"queue {self._queue}: {verb}: {type(error).__name__}") from error
        raise AssertionError("unreachable")

    def _drop_intake(self) -> None:
        intake, self._intake = self._intake, None
        self._discard(intake)

    def _drop_keeper(self) -> None:
        keeper, self._keeper = self._keeper, None
        self._discard(keeper)

    def _discard(self, receiver: ServiceBusReceiver | None) -> None:
        """Close a receiver in the background: it takes the SDK up to a second, and a lock may not have that long."""
        if receiver is not None:
            task = asyncio.create_task(_close(receiver))
            self._closing.add(task)
            task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close both receivers. What the SDK had taken in and not handed out, it releases."""
        self._drop_intake()
        async with self._keeper_lock:
            self._drop_keeper()
        await asyncio.gather(*self._closing)


async def _close(receiver: ServiceBusReceiver) -> None:
    try:
        await receiver.close()
    except Exception as error:  # noqa: BLE001 - a link that is broken already may fail in any way, and nothing is lost by it
        _log.debug("link.close_failed", extra={"error": type(error).__name__})
