"""A client, and a way to start emulators that are stopped in the end, and that complain of calls they don't know."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Tenant

TOKEN = "eyJhbnktdG9rZW4.e30.YW55"


@pytest.fixture
def start() -> Iterator[Callable[..., GraphEmulator]]:
    """Start an emulator: `start(device, device, users=[…], **options of the emulator)`."""
    with ExitStack() as stack:

        def started(*devices: Any, users: Any = (), **options: Any) -> GraphEmulator:
            graph = GraphEmulator(Tenant(devices, users), **{"token": TOKEN, "strict": True, **options})
            return stack.enter_context(graph)

        yield started


@pytest.fixture
def http() -> Iterator[httpx.Client]:
    """A client with the right token; its timeout only ends a test that fails. Certificates take 20 ms to load."""
    with httpx.Client(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=20, verify=False) as client:
        yield client
