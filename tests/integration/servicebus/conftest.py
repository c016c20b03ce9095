"""An emulated namespace on a clock that stands still, and the real SDK's client on it."""

import asyncio
import dataclasses
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from azure.servicebus.aio import ServiceBusClient, ServiceBusReceiver, ServiceBusSender

from emulators.clock import ManualClock, SystemClock
from emulators.servicebus import config, filters
from emulators.servicebus.server import ServiceBusEmulator

_RULES = config.DeliveryRules(lock_duration=timedelta(minutes=1), max_delivery_count=3, dead_letter_on_expiration=True)
NAMESPACE = config.Namespace(
    queues=(
        config.Queue(name="work", rules=_RULES),
        config.Queue(name="unique", rules=_RULES, duplicate_window=timedelta(minutes=10)),
    ),
    topics=(
        config.Topic(
            name="news",
            subscriptions=(
                config.Subscription(name="all", rules=_RULES),
                config.Subscription(
                    name="failed", rules=_RULES, filters=(filters.CorrelationFilter(application={"outcome": "failed"}),)
                ),
            ),
        ),
    ),
)


@pytest.fixture
def clock() -> ManualClock:
    """Starts now, since the SDK compares the end of a lock with the machine's clock."""
    return ManualClock(SystemClock().now())


@pytest.fixture
def emulator(clock: ManualClock) -> Iterator[ServiceBusEmulator]:
    emulator = ServiceBusEmulator(NAMESPACE, clock=clock).start()
    yield emulator
    emulator.stop()


@pytest.fixture
async def client(emulator: ServiceBusEmulator) -> AsyncIterator[ServiceBusClient]:
    async with ServiceBusClient.from_connection_string(emulator.connection_string, retry_total=0) as client:
        yield client


@dataclasses.dataclass(frozen=True, kw_only=True)
class Ends:
    """A sender and a receiver on one queue, open."""

    sender: ServiceBusSender
    receiver: ServiceBusReceiver


@pytest.fixture
async def work(client: ServiceBusClient) -> AsyncIterator[Ends]:
    """Both ends of the queue `work`, opened and closed side by side, as the SDK takes half a second for each."""
    ends = Ends(sender=client.get_queue_sender("work"), receiver=client.get_queue_receiver("work"))
    await asyncio.gather(ends.sender.__aenter__(), ends.receiver.__aenter__())
    yield ends
    await asyncio.gather(ends.sender.close(), ends.receiver.close())
