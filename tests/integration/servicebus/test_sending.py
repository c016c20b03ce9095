import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import MessageSizeExceededError

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_batch_arrives_as_its_messages_in_order(work: Ends) -> None:
    batch = await work.sender.create_message_batch()
    for number in range(3):
        batch.add_message(ServiceBusMessage(f"body {number}", message_id=f"m{number}", subject="s"))

    await work.sender.send_messages(batch)

    messages = await work.receiver.receive_messages(3, max_wait_time=5)
    assert [(each.message_id, each.subject, str(each)) for each in messages] == [
        (f"m{number}", "s", f"body {number}") for number in range(3)
    ]


async def test_a_batch_of_one_is_unpacked_too(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages([ServiceBusMessage(b"only", message_id="m1")])

    assert [(each.message_id, each.body) for each in emulator.snapshot("work").active] == [("m1", b"only")]


async def test_a_large_message_arrives_whole(work: Ends) -> None:
    body = bytes(range(256)) * 1000

    await work.sender.send_messages(ServiceBusMessage(body))

    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    assert b"".join(message.body) == body


async def test_a_message_above_the_limit_of_the_tier_is_rejected_and_the_sender_lives_on(
    work: Ends, emulator: ServiceBusEmulator
) -> None:
    with pytest.raises(MessageSizeExceededError):
        await work.sender.send_messages(ServiceBusMessage(b"x" * 256 * 1024))
    await work.sender.send_messages(ServiceBusMessage(b"small", message_id="m1"))

    assert [each.message_id for each in emulator.snapshot("work").active] == ["m1"]
