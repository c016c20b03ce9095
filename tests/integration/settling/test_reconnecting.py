"""The service goes away in every way it can, and comes back; nobody has to help."""

import asyncio
import gc
from collections.abc import Callable

import pytest

from emulators.servicebus.server import ServiceBusEmulator
from shared.domain.errors import OutcomeNotPublished
from shared.messaging import copies
from shared.messaging.settlement import Complete, DelayedRetry
from shared.ports import SettlementFailed
from shared.servicebus.connection import Connection
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, TOPIC, Host
from tests.integration.settling.samples import NOON, SOON, a_publication

# The SDK leaves the socket of a connection that was cut to the garbage collector, which says so.
left_to_the_garbage_collector = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.mark.parametrize(
    "go_away",
    [
        pytest.param(ServiceBusEmulator.drop_connections, id="closed by the service"),
        pytest.param(ServiceBusEmulator.cut_connections, id="cut", marks=left_to_the_garbage_collector),
        pytest.param(ServiceBusEmulator.restart, id="restarted"),
    ],
)
async def test_a_connection_that_went_is_opened_anew(
    settler: ServiceBusSettler,
    connection: Connection,
    host: Host,
    emulator: ServiceBusEmulator,
    go_away: Callable[[ServiceBusEmulator], None],
) -> None:
    outcomes = ServiceBusOutcomes(connection, TOPIC)
    messages = host.deliver_all(2)

    for n, message in enumerate(messages):
        copy = copies.schedule(message, DelayedRetry(SOON), now=NOON)
        await asyncio.gather(
            settler.schedule(copy), settler.settle(message, Complete()), outcomes.publish(a_publication(f"e{n}"))
        )
        await asyncio.to_thread(go_away, emulator)
    await connection.close()
    gc.collect()

    view = emulator.snapshot(QUEUE)
    assert (len(view.locked), len(view.scheduled)) == (0, 2)
    assert len(emulator.snapshot(f"{TOPIC}/Subscriptions/all").active) == 2


async def test_while_the_service_is_down_everything_fails_with_its_own_error_and_works_again_after(
    settler: ServiceBusSettler, outcomes: ServiceBusOutcomes, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    copy = copies.schedule(message, DelayedRetry(SOON), now=NOON)
    await asyncio.to_thread(emulator.stop)

    with pytest.raises(SettlementFailed, match=r"^queue user-offboarding: settling failed: \w+$") as caught:
        await settler.settle(message, Complete())
    with pytest.raises(SettlementFailed, match=r"^queue user-offboarding: scheduling a copy failed: \w+$"):
        await settler.schedule(copy)
    with pytest.raises(OutcomeNotPublished):
        await outcomes.publish(a_publication())
    emulator.start()
    await settler.schedule(copy)
    await settler.settle(message, Complete())
    await outcomes.publish(a_publication())

    assert not caught.value.lock_lost
    assert emulator.snapshot(QUEUE).locked == ()
