"""`python -m emulators.servicebus`, as somebody runs it by hand."""

import asyncio
import signal
import sys
from pathlib import Path

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

_ROOT = Path(__file__).parents[3]


async def test_it_prints_a_connection_string_that_works_and_ends_with_zero_on_sigterm() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "emulators.servicebus", cwd=_ROOT, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    connection_string = (await process.stdout.readline()).decode().strip()
    async with (
        ServiceBusClient.from_connection_string(connection_string) as client,
        client.get_queue_sender("device-retirement") as sender,
    ):
        await sender.send_messages(ServiceBusMessage(b"x"))
    process.send_signal(signal.SIGTERM)

    async with asyncio.timeout(10):
        assert await process.wait() == 0
