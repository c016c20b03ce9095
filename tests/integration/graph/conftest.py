"""A tenant behind an emulated Graph and identity endpoint, and our adapter in front of them, with the real libraries."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from emulators.clock import ManualClock, SystemClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, Tenant, User
from emulators.identity.emulator import IdentityEmulator
from shared import bootstrap, configuration
from shared.graph import clouds
from shared.graph.asking import Asking
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.client import GraphClient
from shared.graph.users import GraphUsers

ROLES = ("DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All")
_CLIENT_ID = "7e8d0f4c-0000-4000-8000-0000000000c1"


@dataclass
class Site:
    """Both emulators and the adapters; the clock is the adapters' and the emulated Graph's."""

    graph: GraphEmulator
    identity: IdentityEmulator
    client: GraphClient
    devices: GraphAutopilotDevices
    users: GraphUsers
    clock: ManualClock

    @property
    def asked(self) -> list[str]:
        """Method and path of each call to Graph."""
        return [f"{call.method} {call.path.rpartition('/deviceManagement')[2]}" for call in self.graph.calls]


Start = Callable[..., Awaitable[Site]]


@pytest.fixture
async def start(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Start]:
    """`await start(device, …, users=[…], roles=…, **options of the emulator and GraphClient)`; all is closed in the end."""
    configuration.hush()  # as a service that starts
    async with AsyncExitStack() as stack:

        async def started(
            *devices: Device,
            users: Iterable[User] = (),
            roles: Iterable[str] = ROLES,
            deadline: timedelta = timedelta(seconds=20),
            token_patience: timedelta = timedelta(seconds=10),
            scan_deadline: timedelta = timedelta(seconds=120),
            endpoint: str | None = None,
            asking: Asking | None = None,
            **options: Any,
        ) -> Site:
            clock = ManualClock(SystemClock().now())  # azure-identity compares with the machine's clock
            identity = stack.enter_context(IdentityEmulator(roles=roles))
            graph = stack.enter_context(GraphEmulator(Tenant(devices, users), **{"strict": True, **options}))
            for name, value in identity.environment.items():
                monkeypatch.setenv(name, value)
            client = GraphClient(
                clouds.at(endpoint or graph.endpoint),
                credential=bootstrap.managed_identity(_CLIENT_ID),
                clock=clock,
                deadline=deadline,
                token_patience=token_patience,
            )
            stack.push_async_callback(client.close)
            adapter = GraphAutopilotDevices(
                client,
                clock=clock,
                directory_max_age=timedelta(seconds=60),
                scan_deadline=scan_deadline,
                asking=asking,
            )
            stack.push_async_callback(adapter.close)
            return Site(graph, identity, client, adapter, GraphUsers(client), clock)

        yield started


@dataclass
class RawServer:
    """Answers every request with the same bytes; `received` are the requests as they came."""

    endpoint: str
    received: list[bytes]


Serve = Callable[[bytes], Awaitable[RawServer]]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    """`await serve(answer)`: a server below the level of HTTP libraries."""
    async with AsyncExitStack() as stack:

        async def served(answer: bytes) -> RawServer:
            received: list[bytes] = []

            async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                try:
                    received.append(await reader.readuntil(b"\r\n\r\n"))
                    writer.write(answer)
                    await writer.drain()
                finally:
                    writer.close()

            server = await asyncio.start_server(connected, "127.0.0.1", 0)
            stack.callback(server.close)
            return RawServer(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", received)

        yield served
