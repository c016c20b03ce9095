import asyncio
import json
import signal
import sys
from pathlib import Path

from tests.integration.devhost import harness
from tests.integration.devhost.harness import Bus, Hosting
from tests.personal import nothing_personal

HOST = """
import asyncio, json, pathlib, sys
from devhost.host import FunctionsHost
host = FunctionsHost(pathlib.Path(sys.argv[1]), json.loads(sys.argv[2]))
asyncio.run(host.run(lambda: print("ready", flush=True), asyncio.Event()))
"""


async def test_a_stop_waits_for_what_is_running(bus: Bus, hosting: Hosting) -> None:
    async with hosting() as host:
        await bus.send("waiting", "m1")
        await host.until(lambda: host.app.seen)
        host.stop.set()
        await bus.send("waiting", "m2")
        still_running = not host.task.done()
        host.app.release.set()

    view = bus.look("waiting")
    assert still_running
    assert (host.task.result(), host.app.seen) == (0, [("waits", "m1", 1)])
    assert [one.message_id for one in view.active] == ["m2"]
    assert view.locked == ()


async def test_a_stopped_host_leaves_no_message_locked(bus: Bus, hosting: Hosting) -> None:
    async with hosting(maxConcurrentCalls=4) as host:
        host.app.release.set()
        sending = asyncio.create_task(bus.send("waiting", *(f"m{n}" for n in range(200))))
        await host.until(lambda: len(host.app.seen) >= 20)
        host.stop.set()
    await sending

    view = bus.look("waiting")
    assert view.locked == ()
    assert len(view.active) + len(host.app.seen) == 200


async def test_what_outlasts_the_drain_returns_when_its_lock_expires(bus: Bus, hosting: Hosting) -> None:
    async with hosting(drain_seconds=0.1) as host:
        await bus.send("waiting", "m1")
        await host.until(lambda: host.app.seen)
        host.stop.set()
        code = await host.task
    bus.time.advance(harness.LOCK)

    async with hosting() as second:
        await second.until(lambda: second.app.seen)

    assert code == 0
    assert second.app.seen == [("waits", "m1", 2)]
    assert bus.look("waiting").counters.get("abandon") is None


async def test_messages_of_a_killed_host_come_back(
    bus: Bus, hosting: Hosting, app_dir: Path, environment: dict[str, str]
) -> None:
    harness.write_host_json(app_dir, {})
    await bus.send("waiting", "m1", "m2")
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOST, str(app_dir), json.dumps(environment), stdout=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(30):
        while len(bus.look("waiting").locked) < 2:  # noqa: ASYNC110 - the emulator has no event for it
            await asyncio.sleep(0.02)

    process.send_signal(signal.SIGKILL)
    printed, _ = await process.communicate()
    nothing_personal(printed.decode(), "what the host printed")
    bus.emulator.restart()  # else it may send what comes back to the dead, whose socket it has not missed yet
    bus.time.advance(harness.LOCK)

    async with hosting() as second:
        await second.until(lambda: len(second.app.seen) == 2)
    assert sorted(second.app.seen) == [("waits", "m1", 2), ("waits", "m2", 2)]
