import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from devhost.host import FunctionsHost
from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.devhost import harness


@pytest.fixture
def bus() -> Iterator[harness.Bus]:
    rules = config.DeliveryRules(lock_duration=harness.LOCK, max_delivery_count=harness.MAX_DELIVERY_COUNT)
    queues = tuple(config.Queue(name=name, rules=rules) for name in harness.QUEUES.values())
    time = harness.Time()
    emulator = ServiceBusEmulator(config.Namespace(queues=queues), clock=time).start()
    yield harness.Bus(emulator, time)
    emulator.stop()


@pytest.fixture
def app_dir(tmp_path: Path) -> Path:
    """The sample app, in a folder of its own, with a host.json that a test may replace."""
    folder = tmp_path / "app"
    shutil.copytree(Path(__file__).parent / "sample_app", folder, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


@pytest.fixture
def environment(bus: harness.Bus) -> dict[str, str]:
    return harness.QUEUES | {"Bus": bus.emulator.connection_string}


@pytest.fixture
def hosting(bus: harness.Bus, app_dir: Path, environment: dict[str, str]) -> harness.Hosting:
    """Run the sample app in this process, until the test is done with it. Keywords go to host.json."""

    @asynccontextmanager
    async def run(*, drain_seconds: float = 20, **service_bus: Any) -> AsyncIterator[harness.Running]:
        harness.write_host_json(app_dir, service_bus)
        stop, ready = asyncio.Event(), asyncio.Event()
        host = FunctionsHost(app_dir, environment, clock=bus.time, drain_seconds=drain_seconds)
        task = asyncio.create_task(host.run(ready.set, stop))
        await asyncio.wait({task, asyncio.ensure_future(ready.wait())}, timeout=30, return_when="FIRST_COMPLETED")
        assert ready.is_set(), task
        app = sys.modules["function_app"]
        app.__dict__["settlers"].append(bus.complete)
        try:
            yield harness.Running(app, stop, task)
        finally:
            app.__dict__["release"].set()
            stop.set()
            await task

    return run
