"""Whether azure-servicebus still is as its private names are used here. If this fails, the pinned version was changed."""

import uuid
from importlib import metadata

from azure.servicebus import ServiceBusReceivedMessage
from azure.servicebus.aio import ServiceBusReceiver

from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Abandon, DeadLetter
from shared.servicebus import lock_tokens
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, Host


def test_the_version_is_the_one_that_the_private_names_were_tried_with() -> None:
    assert metadata.version("azure-servicebus").startswith("7.15.")


def test_the_sdk_has_the_private_names() -> None:
    message = ServiceBusReceivedMessage.from_bytes(b"\x00\x53\x75\xa0\x00")

    assert callable(ServiceBusReceiver._settle_message_via_mgmt_link)
    assert {"_is_deferred_message", "_received_lock_token"} <= vars(message).keys()


def test_a_rehydrated_message_shows_its_token() -> None:
    token = uuid.uuid4()

    assert lock_tokens.rehydrate(token).lock_token == token


async def test_a_dead_letter_by_token_goes_over_the_management_link_and_takes_no_message(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    first, second, third = host.deliver_all(3)
    await settler.settle(first, Abandon())  # the link is open now, and a message waits that it could take
    deliveries = emulator.snapshot(QUEUE).counters["deliver"]

    await settler.settle(second, DeadLetter(Reason.RETRIES_EXHAUSTED, "why"))
    await settler.settle(third, DeadLetter(Reason.STALE_MESSAGE, "why"))

    # Only a request to $management can settle what came in on another connection's link.
    view = emulator.snapshot(QUEUE)
    assert {buried.dead_letter_reason for buried in view.dead_lettered} == {"RetriesExhausted", "StaleMessage"}
    assert [waiting.message_id for waiting in view.active] == [first.message_id]
    assert view.counters["deliver"] == deliveries
