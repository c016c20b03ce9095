"""The process' connection to the namespace: one client, made at the first use, and the handlers that are open on it.

Knows how the client is made, how long its calls may take, and how handlers are closed; nothing of messages. A handler is a
receiver or a sender of the SDK; each has a TCP connection of its own.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from azure.servicebus.aio import ServiceBusClient

    type _Connected = tuple[ServiceBusClient, AsyncTokenCredential | None]

_log = logging.getLogger(__name__)


class Handler(Protocol):
    """What receivers and senders of the SDK have in common."""

    async def __aenter__(self) -> Any:
        """Open it."""
        ...

    async def close(self) -> None:
        """Close it; it can't be opened again."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long things may take: a whole call with its waiting, one of its two tries, and closing one handler."""

    call: timedelta = timedelta(seconds=18)
    one_try: timedelta = timedelta(seconds=8)
    closing: timedelta = timedelta(seconds=5)


class Connection:
    """Opens and closes handlers. Belongs to one event loop, that of its first use."""

    def __init__(self, connect: Callable[[dict[str, Any]], _Connected], limits: Limits) -> None:
        """Use `by_connection_string` or `by_identity`; `connect` is given the client's options."""
        self.limits = limits
        self._connect = connect
        self._client: ServiceBusClient | None = None
        self._credential: AsyncTokenCredential | None = None
        self._open: set[Handler] = set()
        self._closing: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    def by_connection_string(cls, connection_string: str, *, limits: Limits | None = None) -> Connection:
        """A connection with a key, for local use."""

        def connect(options: dict[str, Any]) -> _Connected:
            # The SDK takes some 180 ms to import; a cold start should not wait for it before there is a message.
            from azure.servicebus.aio import ServiceBusClient  # noqa: PLC0415

            try:
                return ServiceBusClient.from_connection_string(connection_string, **options), None
            except ValueError:  # its text may quote the string, which holds a key
                raise ConnectionError("the setting is not a Service Bus connection string") from None

        return cls(connect, limits or Limits())

    @classmethod
    def by_identity(
        cls,
        fully_qualified_namespace: str,
        make_credential: Callable[[], AsyncTokenCredential],
        *,
        limits: Limits | None = None,
    ) -> Connection:
        """A connection with an Entra identity; `close` closes the credential too."""

        def connect(options: dict[str, Any]) -> _Connected:
            from azure.servicebus.aio import ServiceBusClient  # noqa: PLC0415 - as above

            credential = make_credential()
            return ServiceBusClient(fully_qualified_namespace, credential, **options), credential

        return cls(connect, limits or Limits())

    async def open[H: Handler](self, attach: Callable[[ServiceBusClient], H]) -> H:
        """A new handler, open. Raises whatever the SDK raises."""
        handler = attach(self._client_of_process())
        self._open.add(handler)
        try:
            await handler.__aenter__()
        except BaseException:
            self.discard(handler)
            raise
        return handler

    async def end(self, handler: Handler) -> None:
        """Close a handler that nobody uses any more, within `limits.closing`."""
        self._open.discard(handler)
        await self._close(handler)

    def discard(self, handler: Handler) -> None:
        """Close a handler that failed or was cut off, behind the caller's back: closing may take as long as the failure."""
        self._open.discard(handler)
        task = asyncio.get_running_loop().create_task(self._close(handler))
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def close(self) -> None:
        """Close everything, side by side and within `limits.closing`. The connection can't be used again."""
        self._closed = True
        for handler in tuple(self._open):
            self.discard(handler)
        await asyncio.gather(*self._closing)
        credential, self._credential = self._credential, None
        if credential is not None:
            await self._close(credential)

    def _client_of_process(self) -> ServiceBusClient:
        if self._closed:
            raise ConnectionError("the connection was closed")
        if self._client is None:
            # No retries of the SDK's own: a link is opened anew and used once more by its owner, who knows the deadline.
            options = {"retry_total": 0, "try_timeout": self.limits.one_try.total_seconds()}
            self._client, self._credential = self._connect(options)
        return self._client

    async def _close(self, handler: Handler | AsyncTokenCredential) -> None:
        try:
            async with asyncio.timeout(self.limits.closing.total_seconds()):
                await handler.close()
        except Exception as error:  # noqa: BLE001 - what is broken may fail to close in any way, and nothing is lost by it
            _log.debug("servicebus.close_failed", extra={"error": type(error).__name__})
