from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import MessageLockLostError

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import NAMESPACE, Ends

_LOCK = timedelta(minutes=1)


async def test_a_lock_that_expired_returns_the_message(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    await work.receiver.receive_messages(max_wait_time=5)

    clock.advance(_LOCK)
    emulator.sweep()

    (again,) = await work.receiver.receive_messages(max_wait_time=5)
    assert (again.message_id, again.delivery_count) == ("m1", 1)


async def test_settling_or_renewing_after_the_lock_expired_says_that_it_is_lost(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    clock.advance(_LOCK)

    with pytest.raises(MessageLockLostError):
        await work.receiver.renew_message_lock(message)
    with pytest.raises(MessageLockLostError):
        await work.receiver.complete_message(message)

    assert [each.message_id for each in emulator.snapshot("work").active] == ["m1"]


async def test_a_renewed_lock_lasts_from_the_renewal(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    clock.advance(_LOCK * 0.9)

    until = await work.receiver.renew_message_lock(message)

    assert abs(until - clock.now() - _LOCK) < timedelta(milliseconds=1)
    clock.advance(_LOCK * 0.9)
    await work.receiver.complete_message(message)
    assert emulator.snapshot("work").counters["complete"] == 1


async def test_the_server_ends_locks_by_its_own_timer_too() -> None:
    short = NAMESPACE.with_lock_duration(timedelta(seconds=0.3))
    emulator = ServiceBusEmulator(short).start()
    async with (
        ServiceBusClient.from_connection_string(emulator.connection_string) as client,
        client.get_queue_sender("work") as sender,
        client.get_queue_receiver("work") as receiver,
    ):
        await sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
        await receiver.receive_messages(max_wait_time=5)

        (again,) = await receiver.receive_messages(max_wait_time=5)

        assert again.delivery_count == 1
    emulator.stop()


async def test_the_last_delivery_that_fails_is_dead_lettered(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    for _ in range(2):
        await work.receiver.receive_messages(max_wait_time=5)
        clock.advance(_LOCK)
        emulator.sweep()
    (last,) = await work.receiver.receive_messages(max_wait_time=5)

    await work.receiver.abandon_message(last)

    (buried,) = emulator.snapshot("work").dead_lettered
    assert (buried.message_id, buried.dead_letter_reason) == ("m1", "MaxDeliveryCountExceeded")
