import gc
from collections.abc import AsyncIterator, Callable

import pytest

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.devhost.harness import RENEWAL, Bus, Hosting

DISTURBANCES = [
    pytest.param(ServiceBusEmulator.drop_connections, id="connections closed by the service"),
    pytest.param(ServiceBusEmulator.cut_connections, id="connections cut"),
]


# The SDK forgets to close the socket of a connection that was lost, which Python notices when it collects the garbage.
pytestmark = [
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings(
        "ignore:Exception ignored in.*_SelectorTransport:pytest.PytestUnraisableExceptionWarning"
    ),
]


@pytest.fixture(autouse=True)
async def _collect_while_the_loop_runs() -> AsyncIterator[None]:
    yield
    gc.collect()


def restart(emulator: ServiceBusEmulator) -> None:
    emulator.stop()
    emulator.start()


@pytest.mark.parametrize("disturb", [*DISTURBANCES, pytest.param(restart, id="a restart")])
async def test_messages_go_on_after_the_connection_was_lost(
    bus: Bus, hosting: Hosting, disturb: Callable[[ServiceBusEmulator], None]
) -> None:
    async with hosting() as host:
        host.app.release.set()
        await bus.send("waiting", "m1")
        await host.until(lambda: bus.look("waiting").counters.get("complete") == 1)

        disturb(bus.emulator)
        await bus.send("waiting", "m2")
        await host.until(lambda: bus.look("waiting").counters.get("complete") == 2)

        assert [message for _, message, _ in host.app.seen] == ["m1", "m2"]


@pytest.mark.parametrize("disturb", DISTURBANCES)
async def test_a_function_that_runs_meanwhile_keeps_its_lock(
    bus: Bus, hosting: Hosting, disturb: Callable[[ServiceBusEmulator], None]
) -> None:
    async with hosting() as host:
        await bus.send("waiting", "m1")
        await host.until(lambda: host.app.seen)

        disturb(bus.emulator)
        bus.time.advance(RENEWAL)
        await host.until(lambda: bus.look("waiting").counters.get("renew"))
        host.app.release.set()
        await host.until(lambda: bus.look("waiting").counters.get("complete") == 1)

        assert host.app.seen == [("waits", "m1", 1)]
