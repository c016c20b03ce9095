"""Waiting, within an event loop, for what emulators do in threads of their own."""

import asyncio
from collections.abc import Callable


async def until(happened: Callable[[], object]) -> None:
    """Wait until it has happened. Raises TimeoutError where it does not."""
    async with asyncio.timeout(10):
        while not happened():  # noqa: ASYNC110 - the emulators run in threads of their own
            await asyncio.sleep(0.01)
