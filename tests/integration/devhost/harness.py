"""What the host's tests share: an emulated Service Bus to look at, and a host that runs in this process."""

import asyncio
import datetime as dt
import json
import uuid
from collections.abc import Callable, Iterable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import proton
from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient
from proton.utils import BlockingConnection

from devhost.clock import SystemClock
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.views import EntityView

LOCK = dt.timedelta(minutes=1)
RENEWAL = dt.timedelta(seconds=50)
"""When a lock of a minute is due to be renewed."""
MAX_DELIVERY_COUNT = 3
QUEUES = {
    "UNSETTLED_QUEUE": "unsettled",
    "RAISING_QUEUE": "raising",
    "WAITING_QUEUE": "waiting",
    "SETTLED_QUEUE": "settled",
}


class Time:
    """A clock that goes on as time does, and can be moved forward: for the emulator and for the host."""

    def __init__(self) -> None:
        self._ahead = dt.timedelta(0)

    def now(self) -> dt.datetime:
        return SystemClock().now() + self._ahead

    def advance(self, by: dt.timedelta) -> None:
        self._ahead += by

    async def wait(self, event: asyncio.Event, seconds: float) -> bool:
        end = self.now() + dt.timedelta(seconds=seconds)
        while not event.is_set() and self.now() < end:
            await SystemClock().wait(event, 0.02)
        return event.is_set()


@dataclass
class Bus:
    """An emulated Service Bus, and what a test does with it."""

    emulator: ServiceBusEmulator
    time: Time

    async def send(self, queue: str, *ids: str, body: bytes = b"{}") -> None:
        """Send by proton, which connects in no time; the SDK is what the host is tested with."""
        await asyncio.to_thread(self._send, queue, ids, body)

    def _send(self, queue: str, ids: Iterable[str], body: bytes) -> None:
        connection = BlockingConnection(f"amqp://127.0.0.1:{self.emulator.port}", allowed_mechs="ANONYMOUS")
        sender = connection.create_sender(queue)
        for one in ids:
            sender.send(proton.Message(body=body, id=one, inferred=True))
        connection.close()

    def look(self, queue: str) -> EntityView:
        return self.emulator.snapshot(queue)

    async def complete(self, lock_token: str) -> None:
        async with (
            ServiceBusClient.from_connection_string(self.emulator.connection_string) as client,
            client.get_queue_receiver("settled") as receiver,
        ):
            message = ServiceBusReceivedMessage.from_bytes(b"\x00\x53\x75\xa0\x00")
            message._received_lock_token = uuid.UUID(lock_token)
            message._is_deferred_message = True
            await receiver.complete_message(message)


@dataclass
class Running:
    """A host that runs in this process."""

    app: ModuleType
    stop: asyncio.Event
    task: asyncio.Task[int]

    async def until(self, condition: Callable[[], object], seconds: float = 30) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                assert not self.task.done() or self.stop.is_set(), "the host has ended"
                await asyncio.sleep(0.02)


type Hosting = Callable[..., AbstractAsyncContextManager[Running]]


def write_host_json(folder: Path, service_bus: dict[str, Any]) -> None:
    document = {"version": "2.0", "extensions": {"serviceBus": service_bus}}
    (folder / "host.json").write_text(json.dumps(document), encoding="utf-8")
