import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus._common import mgmt_handlers
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import MessagingEntityNotFoundError, ServiceBusError

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import NAMESPACE, Ends


async def test_an_unknown_queue_is_not_found(client: ServiceBusClient) -> None:
    with pytest.raises(MessagingEntityNotFoundError):
        async with client.get_queue_receiver("nowhere") as receiver:
            await receiver.receive_messages(max_wait_time=5)
    with pytest.raises(ServiceBusError):  # the SDK loses the reason when a sender's link is detached under a message
        async with client.get_queue_sender("nowhere") as sender:
            await sender.send_messages(ServiceBusMessage(b""))


async def test_a_session_is_refused_loudly(client: ServiceBusClient) -> None:
    with pytest.raises(ServiceBusError, match="sessions are not supported"):
        async with client.get_queue_receiver("work", session_id="s") as receiver:
            await receiver.receive_messages(max_wait_time=5)


def test_a_port_that_is_taken_is_an_error_at_the_start(emulator: ServiceBusEmulator) -> None:
    with pytest.raises(OSError, match="in use"):
        ServiceBusEmulator(NAMESPACE, port=emulator.port).start()


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
