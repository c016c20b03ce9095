import asyncio
from pathlib import Path

import pytest

from devhost import errors
from devhost.host import FunctionsHost
from tests.integration.devhost import harness
from tests.integration.devhost.harness import Bus


@pytest.fixture
def calls() -> list[str]:
    return []


async def run(app_dir: Path, environment: dict[str, str], calls: list[str], stop: asyncio.Event | None = None) -> int:
    harness.write_host_json(app_dir, {})
    return await FunctionsHost(app_dir, environment).run(lambda: calls.append("ready"), stop or asyncio.Event())


async def test_every_setting_that_is_missing_stops_the_start_at_once(app_dir: Path, calls: list[str]) -> None:
    with pytest.raises(errors.InvalidConfiguration) as raised:
        await run(app_dir, {"WAITING_QUEUE": "waiting"}, calls)

    missing = ("UNSETTLED_QUEUE", "RAISING_QUEUE", "SETTLED_QUEUE", "Bus__fullyQualifiedNamespace")
    assert len(raised.value.problems) == 4
    assert all(name in str(raised.value) for name in missing)
    assert calls == []


async def test_an_app_that_raises_stops_the_start_in_its_own_words(
    app_dir: Path, environment: dict[str, str], calls: list[str]
) -> None:
    (app_dir / "function_app.py").write_text("raise RuntimeError('2 problems:\\n- A\\n- B')", encoding="utf-8")

    with pytest.raises(errors.WorkerFailed) as raised:
        await run(app_dir, environment, calls)

    assert str(raised.value) == "2 problems:\n- A\n- B"


async def test_a_host_waits_for_a_service_bus_that_is_not_there_yet(
    bus: Bus, app_dir: Path, environment: dict[str, str], calls: list[str]
) -> None:
    bus.emulator.stop()
    stop = asyncio.Event()
    running = asyncio.create_task(run(app_dir, environment, calls, stop))
    await asyncio.sleep(0.3)
    before = list(calls)

    bus.emulator.start()
    async with asyncio.timeout(30):
        while not calls:  # noqa: ASYNC110 - what ready calls is plain
            await asyncio.sleep(0.02)
    stop.set()

    assert (before, calls, await running) == ([], ["ready"], 0)


async def test_a_stop_ends_a_host_that_never_got_ready(
    bus: Bus, app_dir: Path, environment: dict[str, str], calls: list[str]
) -> None:
    bus.emulator.stop()
    stop = asyncio.Event()
    running = asyncio.create_task(run(app_dir, environment, calls, stop))
    await asyncio.sleep(0.3)

    stop.set()

    assert (await asyncio.wait_for(running, 25), calls) == (0, [])
