from azure.servicebus import ServiceBusMessage, ServiceBusSubQueue
from azure.servicebus.aio import ServiceBusClient

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_dead_lettered_message_can_be_peeked_received_and_completed_with_all_it_had(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    sent = ServiceBusMessage(b"\x00\xffbody", message_id="m1", application_properties={"attempt": 2, "kind": "copy"})
    await work.sender.send_messages(sent)
    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    await work.receiver.dead_letter_message(message, reason="InvalidMessage", error_description="$.user is missing")

    async with client.get_queue_receiver("work", sub_queue=ServiceBusSubQueue.DEAD_LETTER) as receiver:
        (peeked,) = await receiver.peek_messages()
        (buried,) = await receiver.receive_messages(max_wait_time=5)
        for found in (peeked, buried):
            assert (found.message_id, b"".join(found.body)) == ("m1", b"\x00\xffbody")
            assert (found.dead_letter_reason, found.dead_letter_error_description) == (
                "InvalidMessage",
                "$.user is missing",
            )
            assert found.dead_letter_source == "work"
            assert found.application_properties is not None
            assert found.application_properties[b"attempt"] == 2
            assert found.application_properties[b"kind"] == b"copy"
        await receiver.complete_message(buried)
    assert emulator.snapshot("work").dead_lettered == ()
