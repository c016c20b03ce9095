"""What a client may not do is refused as the service refuses it, when it attaches or asks."""

from datetime import timedelta

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusAuthenticationError, ServiceBusAuthorizationError, ServiceBusError

from emulators.clock import ManualClock
from emulators.servicebus.rights import Claim
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends

REFUSED = (ServiceBusAuthorizationError, ServiceBusAuthenticationError)


async def may(client: ServiceBusClient, claim: Claim, entity: str) -> bool:
    """Asks for what needs the claim; a link alone is open, to the SDK, before its refusal arrives."""
    try:
        if claim is Claim.LISTEN:
            async with client.get_queue_receiver(entity) as receiver:
                await receiver.peek_messages()
        else:
            attach = client.get_topic_sender if entity == "news" else client.get_queue_sender
            async with attach(entity) as sender:
                await sender.send_messages(ServiceBusMessage("x"))
    except ServiceBusError as error:
        if claim is Claim.LISTEN and not isinstance(
            error, REFUSED
        ):  # of why a message was not taken the SDK tells nothing
            raise
        return False
    return True


@pytest.mark.parametrize(("denied", "sends", "receives"), [(Claim.SEND, False, True), (Claim.LISTEN, True, False)])
async def test_a_link_needs_its_claim_at_its_entity(
    emulator: ServiceBusEmulator, client: ServiceBusClient, denied: Claim, sends: bool, receives: bool
) -> None:
    emulator.rights.deny("WORK", denied)

    assert await may(client, Claim.SEND, "work") is sends
    assert await may(client, Claim.LISTEN, "work") is receives
    assert await may(client, Claim.SEND, "unique")


async def test_a_topic_is_sent_to_with_a_claim_of_its_own(
    emulator: ServiceBusEmulator, client: ServiceBusClient
) -> None:
    emulator.rights.deny("news", Claim.SEND)

    assert not await may(client, Claim.SEND, "news")
    assert emulator.snapshot("news/Subscriptions/all").active == ()


async def test_a_management_request_needs_the_claim_of_what_it_does(
    emulator: ServiceBusEmulator, work: Ends, clock: ManualClock
) -> None:
    emulator.rights.deny("work", Claim.SEND)

    assert await work.receiver.peek_messages() == []
    with pytest.raises(ServiceBusError):
        await work.sender.schedule_messages(ServiceBusMessage("x"), clock.now() + timedelta(minutes=5))


async def test_a_claim_that_is_granted_again_is_there(emulator: ServiceBusEmulator, client: ServiceBusClient) -> None:
    emulator.rights.deny("work", Claim.SEND)
    emulator.rights.grant("work", Claim.SEND)

    assert await may(client, Claim.SEND, "work")
