"""How long messages have lain in a queue, seen without touching them."""

from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from shared.ports import BacklogUnreadable
from shared.servicebus import backlog
from shared.servicebus.backlog import ServiceBusBacklog
from shared.servicebus.connection import Connection, Limits
from tests.integration.servicebus.conftest import Ends

SHORT = Limits(call=timedelta(seconds=6), one_try=timedelta(seconds=2), closing=timedelta(seconds=2))


async def oldest(emulator: ServiceBusEmulator, queue: str = "work") -> float | None:
    connection = Connection.by_connection_string(emulator.connection_string, limits=SHORT)
    try:
        since = await ServiceBusBacklog(connection).oldest_active(queue)
    finally:
        await connection.close()
    return None if since is None else since.timestamp()


async def test_an_empty_queue_has_no_oldest_message(emulator: ServiceBusEmulator) -> None:
    assert await oldest(emulator) is None


async def test_the_oldest_of_several_counts_and_is_left_where_it_is(
    emulator: ServiceBusEmulator, clock: ManualClock, work: Ends
) -> None:
    sent_at = clock.now()
    await work.sender.send_messages(ServiceBusMessage("first"))
    clock.advance(timedelta(minutes=20))
    await work.sender.send_messages(ServiceBusMessage("second"))

    since = await oldest(emulator)

    assert since == pytest.approx(sent_at.timestamp(), abs=0.01)
    assert [view.delivery_count for view in emulator.snapshot("work").active] == [0, 0]


async def test_scheduled_messages_do_not_count_however_many_come_first(
    emulator: ServiceBusEmulator, clock: ManualClock, work: Ends
) -> None:
    later = [ServiceBusMessage(f"later {number}") for number in range(backlog.PAGE + 5)]
    await work.sender.schedule_messages(later, clock.now() + timedelta(hours=1))
    assert await oldest(emulator) is None

    await work.sender.send_messages(ServiceBusMessage("now"))

    assert await oldest(emulator) == pytest.approx(clock.now().timestamp(), abs=0.01)


async def test_a_queue_that_is_not_there_is_reported_within_the_deadline(emulator: ServiceBusEmulator) -> None:
    with pytest.raises(BacklogUnreadable, match="looking into the queue failed"):
        await oldest(emulator, "no-such-queue")
