from datetime import timedelta

from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator


async def test_a_repeated_id_is_accepted_and_dropped_even_when_its_first_is_only_scheduled(
    client: ServiceBusClient, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    async with client.get_queue_sender("unique") as sender:
        await sender.schedule_messages(ServiceBusMessage(b"1", message_id="m1"), clock.now() + timedelta(minutes=5))
        await sender.send_messages(ServiceBusMessage(b"2", message_id="m1"))
        await sender.send_messages([ServiceBusMessage(b"3", message_id="m2"), ServiceBusMessage(b"4", message_id="m2")])
        numbers = await sender.schedule_messages(ServiceBusMessage(b"5", message_id="m1"), clock.now())

    view = emulator.snapshot("unique")
    assert [each.body for each in view.scheduled] == [b"1"]
    assert [each.body for each in view.active] == [b"3"]
    assert view.counters["duplicate"] == 3
    assert len(numbers) == 1, "the sender of a duplicate is not told"
