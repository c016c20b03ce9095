"""Runs an ASGI app on loopback, in a daemon thread, and can cut a client's connection; knows nothing of what the app does.

uvicorn's own main loop wakes ten times a second and takes its time to shut down. A test starts and stops many servers, so
the two steps are replaced: this one stops at once, and cuts the connections that are open, as a server that dies does.
"""

import asyncio
import signal
import socket
import struct
import sys
import threading
import time
from collections.abc import Callable, Mapping
from typing import Final, Protocol

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK: Final = "127.0.0.1"
_START_SECONDS: Final = 10.0
_STOP_SECONDS: Final = 10.0
_LAST_WORDS_SECONDS: Final = 1.0
# Linger on, for 0 seconds: closing sends RST instead of FIN, so that the client sees a reset, not an end.
_LINGER_NOT: Final = struct.pack("ii", 1, 0)


class Runnable(Protocol):
    """What can be started and stopped."""

    def start(self) -> None:
        """Return when it is ready."""
        ...

    def stop(self) -> None:
        """Return when it has stopped."""
        ...


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.stopping = threading.Event()
        self._wake: tuple[asyncio.AbstractEventLoop, asyncio.Event] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self._wake = (asyncio.get_running_loop(), asyncio.Event())  # before anybody is told that it has started
        await super().startup(sockets)

    async def main_loop(self) -> None:
        assert self._wake is not None  # noqa: S101  # startup comes first
        _, wake = self._wake
        while not self.stopping.is_set():  # it may have been set before there was anything to wake
            await wake.wait()

    def stop_soon(self) -> None:
        """Ask the server to end; from any thread."""
        self.stopping.set()
        if self._wake is not None:
            loop, wake = self._wake
            loop.call_soon_threadsafe(wake.set)

    def freeze(self) -> Callable[[], None]:
        """Let the server's thread wait, until the function that this returns is called; returns when it does."""
        frozen, thaw = threading.Event(), threading.Event()

        def wait() -> None:
            frozen.set()
            thaw.wait()

        if self._wake is None:
            raise RuntimeError("the server has not started")
        loop, _ = self._wake
        loop.call_soon_threadsafe(wait)
        if not frozen.wait(_START_SECONDS):
            raise TimeoutError("the server does not listen to us")
        return thaw.set

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for listening in sockets or ():
            listening.close()
        self.cut()
        if tasks := set(self.server_state.tasks):  # they see that their client has gone, and end
            _, pending = await asyncio.wait(tasks, timeout=_LAST_WORDS_SECONDS)
            for task in pending:
                task.cancel()

    def cut(self, client: tuple[str, int] | None = None) -> None:
        """Reset the connection of one client, or of all; only from the server's own thread."""
        for connection in list(self.server_state.connections):
            if isinstance(connection, H11Protocol) and client in (None, connection.client):
                raw = connection.transport.get_extra_info("socket")
                raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
                connection.transport.abort()


class HttpServer:
    """An ASGI app on 127.0.0.1. Port 0 takes a free one at the first start, and keeps it over later stops and starts."""

    def __init__(self, app: ASGIApp, *, port: int = 0) -> None:
        self._app = app
        self._port = port
        self._running: tuple[_Server, threading.Thread] | None = None

    @property
    def port(self) -> int:
        """The port; 0 before the first start if none was asked for."""
        return self._port

    @property
    def endpoint(self) -> str:
        """The root URL, without a slash at the end. Raises RuntimeError before the port is known."""
        if not self._port:
            raise RuntimeError("the server has no port before it is started")
        return f"http://{LOOPBACK}:{self._port}"

    def start(self) -> None:
        """Return when connections are accepted. Raises OSError if the port is taken, RuntimeError if already started."""
        if self._running is not None:
            raise RuntimeError("the server is running already")
        listening = self._listen()
        config = uvicorn.Config(
            self._app, http="h11", ws="none", loop="asyncio", lifespan="off", log_config=None,
            log_level="warning", access_log=False, date_header=False, server_header=False, timeout_keep_alive=75,
        )  # fmt: skip
        server = _Server(config)
        thread = threading.Thread(target=server.run, args=([listening],), name=f"http-{self._port}", daemon=True)
        thread.start()
        self._running = (server, thread)
        deadline = time.monotonic() + _START_SECONDS
        while not server.started:
            if not thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError(f"the server on port {self._port} did not start")
            time.sleep(0.001)

    def stop(self) -> None:
        """Close the port and reset every open connection; nothing to do if it isn't running."""
        if self._running is None:
            return
        server, thread = self._running
        self._running = None
        server.stop_soon()
        thread.join(_STOP_SECONDS)
        if thread.is_alive():
            raise RuntimeError(f"the server on port {self._port} did not stop")

    def freeze(self) -> Callable[[], None]:
        """Do nothing, as a process that is stopped, until the function that this returns is called; what arrives waits.

        What waits is handled then, even if its client has gone. Raises RuntimeError if it isn't running.
        """
        if self._running is None:
            raise RuntimeError("the server is stopped")
        return self._running[0].freeze()

    def cut(self, client: tuple[str, int]) -> None:
        """Reset the connection of one client (host and port); to be called by the app, in the server's thread."""
        if self._running is not None:
            self._running[0].cut(client)

    def _listen(self) -> socket.socket:
        # asyncio switches Nagle's algorithm off (40 ms an answer) only where the protocol is spelled out.
        listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((LOOPBACK, self._port))
        except OSError:
            listening.close()
            raise
        self._port = listening.getsockname()[1]
        return listening


def run_in_foreground(server: Runnable, environment: Callable[[], Mapping[str, str]]) -> None:
    """Start, print the environment's lines as NAME=value, and stop at SIGINT or SIGTERM."""
    ending = {signal.SIGINT, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)  # before any thread, so that all inherit it
    server.start()
    try:
        sys.stdout.writelines(f"{name}={value}\n" for name, value in environment().items())
        sys.stdout.flush()
        signal.sigwait(ending)
    finally:
        server.stop()
