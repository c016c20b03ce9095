"""An app that does one thing per function, and remembers what it saw: for the host's tests."""

import asyncio
from collections.abc import Awaitable, Callable

import azure.functions as func

app = func.FunctionApp()

seen: list[tuple[str, str, int]] = []
"""Function, message id and delivery count of each invocation, in order."""
release = asyncio.Event()
"""What `waits` waits for."""
running = 0
most_at_once = 0
settlers: list[Callable[[str], Awaitable[None]]] = []
"""How the test wants a message settled by its lock token."""


def remember(function: str, message: func.ServiceBusMessage) -> None:
    """Note an invocation."""
    seen.append((function, message.message_id, message.delivery_count or 0))


@app.service_bus_queue_trigger(
    arg_name="message", queue_name="%UNSETTLED_QUEUE%", connection="Bus", auto_complete_messages=False
)
async def settles_nothing(message: func.ServiceBusMessage) -> None:
    remember("settles_nothing", message)


@app.service_bus_queue_trigger(
    arg_name="message", queue_name="%RAISING_QUEUE%", connection="Bus", auto_complete_messages=False
)
async def raises(message: func.ServiceBusMessage) -> None:
    remember("raises", message)
    raise ValueError("poison")


@app.service_bus_queue_trigger(
    arg_name="message", queue_name="%WAITING_QUEUE%", connection="Bus", auto_complete_messages=True
)
async def waits(message: func.ServiceBusMessage) -> None:
    global running, most_at_once  # noqa: PLW0603 - an app's state is its module
    remember("waits", message)
    running += 1
    most_at_once = max(most_at_once, running)
    try:
        await release.wait()
    finally:
        running -= 1


@app.service_bus_queue_trigger(
    arg_name="message", queue_name="%SETTLED_QUEUE%", connection="Bus", auto_complete_messages=False
)
async def settles_by_lock_token(message: func.ServiceBusMessage) -> None:
    remember("settles_by_lock_token", message)
    for settle in settlers:
        await settle(message.lock_token or "")
