from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient

from emulators.servicebus.server import ServiceBusEmulator


async def test_each_subscription_gets_its_own_copy_of_what_its_filter_lets_through(
    client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    async with client.get_topic_sender("news") as sender:
        for outcome in ("completed", "failed"):
            await sender.send_messages(
                ServiceBusMessage(outcome, message_id=outcome, application_properties={"outcome": outcome})
            )

    async with client.get_subscription_receiver("news", "all") as receiver:
        messages = await receiver.receive_messages(2, max_wait_time=5)
        await receiver.complete_message(messages[1])

    assert [str(each) for each in messages] == ["completed", "failed"]
    failed = emulator.snapshot("news/Subscriptions/failed")
    assert [each.message_id for each in failed.active] == ["failed"], "completing one copy leaves the others"
