"""What straightforward code does: for each message a scan, and for each device found a read and a write. The baseline.

One message at a time unless told otherwise; a failure is an exception, and its message is delivered again until the queue
gives it up. Nothing is shared, gathered, paced or remembered. How Graph is reached is passed in: through msgraph-sdk's models,
or the model of Graph.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

MAX_DELIVERIES: Final = 10


@dataclass(frozen=True, slots=True)
class Record:
    """What the naive code looks at of a device."""

    id: str
    user_principal_name: str


class Devices(Protocol):
    """Graph, one HTTP request at a time; whatever goes wrong is raised."""

    def pages(self) -> AsyncIterator[Sequence[Record]]:
        """The list, page by page."""
        ...

    async def get(self, device: str) -> Record:
        """One device."""
        ...

    async def unassign(self, device: str) -> None:
        """Unassign its user."""
        ...


@dataclass(slots=True)
class Ended:
    """What became of the messages, and how many deliveries that took."""

    completed: int = 0
    dead_lettered: int = 0
    deliveries: int = 0
    errors: list[str] = field(default_factory=list)


async def offboard(user: str, devices: Devices) -> None:
    """The handler."""
    async for page in devices.pages():
        for listed in page:
            if listed.user_principal_name == user:
                device = await devices.get(listed.id)
                if device.user_principal_name == user:
                    await devices.unassign(device.id)


async def retire(device: str, devices: Devices) -> None:
    """The other handler: the device is known by its id."""
    found = await devices.get(device)
    if found.user_principal_name:
        await devices.unassign(found.id)


async def serve(messages: Iterable[Callable[[], Awaitable[None]]], *, at_once: int = 1) -> Ended:
    """A queue of messages and the function that takes them, so many at a time; each is called until it raises nothing."""
    ended = Ended()
    queue = deque((message, 1) for message in messages)

    async def take() -> None:
        while queue:
            message, delivery = queue.popleft()
            ended.deliveries += 1
            try:
                await message()
            except Exception as error:  # noqa: BLE001 - the host's part: a failed message is delivered again
                ended.errors.append(type(error).__name__)
                if delivery < MAX_DELIVERIES:
                    queue.append((message, delivery + 1))
                else:
                    ended.dead_lettered += 1
            else:
                ended.completed += 1

    async with asyncio.TaskGroup() as group:
        for _ in range(at_once):
            group.create_task(take())
    return ended
