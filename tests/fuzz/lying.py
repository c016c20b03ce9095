"""A Graph that lies, on a loopback socket, and another host that should never hear of us. Knows HTTP just enough to break it."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from tests.fuzz import answers, kept

_PIECE = 256 * 1024

type _Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Asked:
    """One request as it came: its first line, its headers (names in lower case) and its body."""

    line: str
    headers: dict[str, str]
    body: bytes


class LyingGraph:
    """Answers every request with the bytes of `answer`, and hangs up. `asked` are the requests; `elsewhere` counts connections."""

    def __init__(self) -> None:
        self.answer = b""
        self.asked: list[Asked] = []
        self.elsewhere = 0
        self._stack = AsyncExitStack()
        self._here = self._other = ""

    async def __aenter__(self) -> Self:
        self._here = await self._listen(self._connected)
        self._other = await self._listen(self._strayed)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def endpoint(self) -> str:
        """The root URL."""
        return self._here

    @property
    def strange_host(self) -> str:
        """The other host and its port."""
        return self._other.removeprefix("http://")

    def say(self, data: bytes) -> None:
        """Answer from now on as an input of the corpus says: `raw` as it is, anything else as HTTP with its length."""
        words, lines, content = kept.answer_parts(data)
        body = answers.at(content, self._here, self._other)
        if "raw" in words:
            self.answer = body
            return
        status = next((word for word in words if word.isascii() and word.isdigit() and len(word) == 3), "200")
        own = [answers.at(line.encode("utf-8", "replace"), self._here, self._other) for line in lines]
        head = [f"HTTP/1.1 {status} Said".encode(), b"Connection: close", *own]
        if not any(line.lower().startswith((b"content-length", b"transfer-encoding")) for line in own):
            head.append(b"Content-Length: %d" % len(body))
        self.answer = b"\r\n".join([*head, b"", body])

    async def _listen(self, connected: _Connected) -> str:
        server = await asyncio.start_server(connected, "127.0.0.1", 0)
        self._stack.callback(server.close)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            self.asked.append(await _request(reader))
            for start in range(0, len(self.answer), _PIECE):
                writer.write(self.answer[start : start + _PIECE])
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass  # who does not like the answer hangs up
        finally:
            writer.close()

    async def _strayed(self, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.elsewhere += 1
        writer.close()


async def _request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
    named = (line.partition(":") for line in head[1:] if line)
    headers = {name.lower(): value.strip() for name, _, value in named}
    return Asked(head[0], headers, await reader.readexactly(int(headers.get("content-length", 0))))
