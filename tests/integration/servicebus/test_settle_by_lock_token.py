"""Settling over `$management` with nothing but a lock token, as an app does whose host received the message."""

import uuid

import pytest
from azure.servicebus import ServiceBusMessage, ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import MessageLockLostError

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends

_EMPTY_DATA_SECTION = b"\x00\x53\x75\xa0\x00"


def rehydrate(lock_token: object) -> ServiceBusReceivedMessage:
    message = ServiceBusReceivedMessage.from_bytes(_EMPTY_DATA_SECTION)
    message._received_lock_token = uuid.UUID(str(lock_token))
    message._is_deferred_message = True
    return message


async def test_another_connection_can_settle_by_the_token(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    await work.sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(5)])
    messages = await work.receiver.receive_messages(5, max_wait_time=5)
    first, second, third, fourth, fifth = [rehydrate(message.lock_token) for message in messages]

    async with client.get_queue_receiver("work") as other:
        await other.complete_message(first)
        await other.abandon_message(second)
        await other.defer_message(third)
        await other.dead_letter_message(fourth, reason="R", error_description="why")
        await other.dead_letter_message(fifth)

    view = emulator.snapshot("work")
    assert [each.message_id for each in view.active] == ["m1"]
    assert [each.message_id for each in view.deferred] == ["m2"]
    assert [
        (each.message_id, each.dead_letter_reason, each.dead_letter_description) for each in view.dead_lettered
    ] == [("m3", "R", "why"), ("m4", None, None)]
    assert (view.locked, view.counters["complete"]) == ((), 1)


async def test_an_unknown_token_is_a_lost_lock_and_the_receiver_lives_on(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)

    async with client.get_queue_receiver("work") as other:
        with pytest.raises(MessageLockLostError):
            await other.complete_message(rehydrate(uuid.uuid4()))
        await other.complete_message(rehydrate(message.lock_token))
        with pytest.raises(MessageLockLostError):
            await other.complete_message(rehydrate(message.lock_token))

    assert emulator.snapshot("work").counters["complete"] == 1


async def test_a_receiver_without_credit_is_given_nothing(
    work: Ends, client: ServiceBusClient, emulator: ServiceBusEmulator
) -> None:
    async with client.get_queue_receiver("work") as idle:
        await work.sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(3)])
        with pytest.raises(MessageLockLostError):
            await idle.complete_message(rehydrate(uuid.uuid4()))

        view = emulator.snapshot("work")

    assert (len(view.active), view.counters.get("deliver", 0)) == (3, 0)
