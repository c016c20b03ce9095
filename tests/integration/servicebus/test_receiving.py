from azure.servicebus import ServiceBusMessage, ServiceBusReceiveMode
from azure.servicebus.aio import ServiceBusClient

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_receiver_gets_no_more_than_it_has_credit_for(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(10)])

    messages = await work.receiver.receive_messages(3, max_wait_time=5)

    view = emulator.snapshot("work")
    assert ([each.message_id for each in messages], len(view.locked), len(view.active)) == (["m0", "m1", "m2"], 3, 7)


async def test_a_closing_receiver_leaves_nothing_locked_that_it_did_not_hand_out(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    async with client.get_queue_receiver("work", prefetch_count=5) as greedy:
        await greedy.receive_messages(max_wait_time=0.3)
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))

    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    assert (message.message_id, message.delivery_count) == ("m1", 0)


async def test_what_a_closed_connection_had_locked_stays_locked(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    async with client.get_queue_receiver("work") as other:
        await other.receive_messages(max_wait_time=5)

    assert [each.message_id for each in emulator.snapshot("work").locked] == ["m1"]


async def test_receive_and_delete_keeps_nothing(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    await work.sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(2)])

    async with client.get_queue_receiver("work", receive_mode=ServiceBusReceiveMode.RECEIVE_AND_DELETE) as receiver:
        messages = await receiver.receive_messages(2, max_wait_time=5)

    assert [each.message_id for each in messages] == ["m0", "m1"]
    view = emulator.snapshot("work")
    assert (view.active, view.locked) == ((), ())


async def test_two_thousand_messages_pass_through_one_receiver(work: Ends, emulator: ServiceBusEmulator) -> None:
    for start in range(0, 2000, 500):
        await work.sender.send_messages([ServiceBusMessage(b"x", message_id=str(start + n)) for n in range(500)])

    seen: list[str | None] = []
    while len(seen) < 2000:
        messages = await work.receiver.receive_messages(500, max_wait_time=5)
        for message in messages:
            await work.receiver.complete_message(message)
            seen.append(message.message_id)

    assert seen == [str(number) for number in range(2000)]
    assert emulator.snapshot("work").counters["complete"] == 2000
