"""Stands between a client and Azurite: counts the requests, and answers some of them with what a test scripted."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

type Fault = Callable[["Exchange"], Awaitable[bytes | None]]
"""The bytes to answer with; None to cut the connection."""


class Exchange:
    """One request, as its bytes."""

    def __init__(self, request: bytes, port: int) -> None:
        self.request = request
        self._port = port

    async def forward(self) -> bytes:
        """What the service answers."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._port)
        writer.write(self.request)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer


class TableProxy:
    """Forwards to the service; one request a connection. `requests` holds method and path of each."""

    def __init__(self, upstream: str) -> None:
        self._upstream = urlsplit(upstream)
        self._server: asyncio.Server | None = None
        self._serving: set[asyncio.Task[None]] = set()
        self.requests: list[str] = []
        self.asked = asyncio.Event()
        """Set by each request."""
        self.fault: Fault | None = None
        """What happens to the requests from now on; None: they are forwarded."""

    @property
    def endpoint(self) -> str:
        """The upstream's endpoint, at the proxy's port."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}{self._upstream.path}"

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._begin, "127.0.0.1", 0)

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._serving:  # held here, or the garbage collector would find them waiting for ever
            task.cancel()
        await asyncio.gather(*self._serving, return_exceptions=True)
        self._server.close_clients()
        await self._server.wait_closed()

    def _begin(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            exchange = await self._read(reader)
            answer = await (exchange.forward() if self.fault is None else self.fault(exchange))
            if answer is None:
                writer.transport.abort()
                return
            writer.write(answer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # the client gave up
        finally:
            writer.close()

    async def _read(self, reader: asyncio.StreamReader) -> Exchange:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("ascii").split("\r\n")
        self.requests.append(lines[0].removesuffix(" HTTP/1.1"))
        self.asked.set()
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        kept = [line for line in lines[:-2] if not line.lower().startswith("connection:")]
        request = "\r\n".join([*kept, "Connection: close", "", ""]).encode("ascii") + body
        assert self._upstream.port is not None
        return Exchange(request, self._upstream.port)


@asynccontextmanager
async def between(upstream: str) -> AsyncIterator[TableProxy]:
    """A running proxy."""
    proxy = TableProxy(upstream)
    await proxy.start()
    try:
        yield proxy
    finally:
        await proxy.stop()


def answering(status: int, body: str = "", *, code: str | None = None, headers: str = "") -> Fault:
    """Answers by itself, without asking the service; `headers` are whole lines."""
    if code is not None:
        body = f'{{"odata.error":{{"code":"{code}","message":{{"lang":"en-US","value":"ada@contoso.com"}}}}}}'
    kind = "application/json" if body.startswith("{") else "text/html"
    head = f"HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n{headers}Connection: close\r\n\r\n"

    async def fault(_exchange: Exchange) -> bytes:
        return (head + body).encode()

    return fault


async def cutting(_exchange: Exchange) -> None:
    """Cuts the connection before the service hears of the request."""


async def losing_the_answer(exchange: Exchange) -> None:
    """Cuts the connection after the service has done what was asked."""
    await exchange.forward()


async def never_answering(_exchange: Exchange) -> bytes:
    """Holds the connection open."""
    await asyncio.Event().wait()
    return b""
