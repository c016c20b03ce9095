import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus._common import mgmt_handlers
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import MessagingEntityNotFoundError, ServiceBusError

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_an_unknown_queue_is_not_found(client: ServiceBusClient) -> None:
    with pytest.raises(MessagingEntityNotFoundError):
        async with client.get_queue_receiver("nowhere") as receiver:
            await receiver.receive_messages(max_wait_time=5)
    with pytest.raises(MessagingEntityNotFoundError):
        async with client.get_queue_sender("nowhere") as sender:
            await sender.send_messages(ServiceBusMessage(b""))


async def test_an_unknown_management_operation_fails_loudly_and_the_server_lives_on(
    work: Ends, emulator: ServiceBusEmulator
) -> None:
    for operation, status in ((b"com.microsoft:get-session-state", 501), (b"com.microsoft:peek-message", 400)):
        with pytest.raises(ServiceBusError) as caught:
            await work.receiver._mgmt_request_response_with_retry(
                operation, {"nonsense": "x"}, mgmt_handlers.default, timeout=5
            )
        assert caught.value._status_code == status

    await work.sender.send_messages(ServiceBusMessage(b""))
    assert len(emulator.snapshot("work").active) == 1
