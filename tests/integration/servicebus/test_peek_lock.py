import uuid
from datetime import timedelta

from azure.servicebus import ServiceBusMessage

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_received_message_is_locked_and_carries_what_the_broker_knows(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"body", message_id="m1"))

    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    assert message.message_id == "m1"
    assert message.delivery_count == 0, "the header counts earlier deliveries"
    assert message.sequence_number == 1
    assert isinstance(message.lock_token, uuid.UUID)
    assert message.enqueued_time_utc is not None
    assert abs(message.enqueued_time_utc - clock.now()) < timedelta(milliseconds=1)
    assert message.locked_until_utc is not None
    assert abs(message.locked_until_utc - clock.now() - timedelta(minutes=1)) < timedelta(milliseconds=1)
    assert [each.message_id for each in emulator.snapshot("work").locked] == ["m1"]


async def test_a_locked_message_is_not_delivered_again(work: Ends) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    await work.receiver.receive_messages(max_wait_time=5)

    assert await work.receiver.receive_messages(max_wait_time=0.3) == []


async def test_a_completed_message_is_gone(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    await work.receiver.complete_message(message)

    view = emulator.snapshot("work")
    assert (view.active, view.locked, view.dead_lettered) == ((), (), ())
    assert view.counters["complete"] == 1


async def test_an_abandoned_message_comes_back_with_its_delivery_counted(work: Ends) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    await work.receiver.abandon_message(message)

    (again,) = await work.receiver.receive_messages(max_wait_time=5)
    assert (again.message_id, again.delivery_count, again.sequence_number) == ("m1", 1, message.sequence_number)
    assert again.lock_token != message.lock_token


async def test_a_deferred_message_is_had_by_its_number_only(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"later", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    number = message.sequence_number
    assert number is not None

    await work.receiver.defer_message(message)

    assert await work.receiver.receive_messages(max_wait_time=0.3) == []
    (deferred,) = await work.receiver.receive_deferred_messages(number)
    assert (deferred.message_id, b"".join(deferred.body)) == ("m1", b"later")
    await work.receiver.complete_message(deferred)
    assert emulator.snapshot("work").deferred == ()
