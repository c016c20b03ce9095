"""One link to one entity: opened at the first use, used by one call at a time, opened anew after a failure.

Knows the SDK's manners, not what is done with the link. Two calls at once on one receiver or sender break it for ever; one
whose peer closed the connection answers ValueError ("already been shutdown") for ever; one that was cut off amid a call may be
in any state. So calls queue up here, and a link that failed is thrown away and the call tried once more on a new one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from shared.servicebus.connection import Connection, Handler

if TYPE_CHECKING:
    from azure.servicebus.aio import ServiceBusClient


class LinkFailed(Exception):
    """A call failed at both tries, or ran into its deadline; whether it took effect is unknown.

    The text is the class of the last error: the SDK's own texts may quote anything.
    """


class Link[H: Handler]:
    """`attach` gives a new handler of the client, not yet open."""

    def __init__(self, connection: Connection, attach: Callable[[ServiceBusClient], H]) -> None:
        self._connection = connection
        self._attach = attach
        self._handler: H | None = None
        self._one_at_a_time = asyncio.Lock()

    async def use[T](self, call: Callable[[H], Awaitable[T]]) -> T:
        """Make one call, in at most two tries and `limits.call`, waiting for its turn included. Raises LinkFailed.

        `call` must take what it expects to go wrong for an answer: what it raises costs the link.
        """
        try:
            async with asyncio.timeout(self._connection.limits.call.total_seconds()), self._one_at_a_time:
                try:
                    return await self._try(call)
                except Exception:  # noqa: BLE001 - a broken link raises anything: ServiceBusError, ValueError, AttributeError
                    return await self._try(call)
        except Exception as error:
            raise LinkFailed(type(error).__name__) from error

    async def end(self) -> None:
        """Close the handler, if one is open, and wait for that; the next call opens another."""
        async with self._one_at_a_time:
            handler, self._handler = self._handler, None
            if handler is not None:
                await self._connection.end(handler)

    async def _try[T](self, call: Callable[[H], Awaitable[T]]) -> T:
        if self._handler is None:
            self._handler = await self._connection.open(self._attach)
        try:
            return await call(self._handler)
        except BaseException:  # cancellation and deadline too: the handler was cut off amid a call
            handler, self._handler = self._handler, None
            self._connection.discard(handler)
            raise
