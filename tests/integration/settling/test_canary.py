"""Whether azure-servicebus still is as its private names are used here. If this fails, the pinned version was changed."""

import uuid
from importlib import metadata

from azure.servicebus import ServiceBusReceivedMessage

from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from shared.servicebus import lock_tokens
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, Host


def test_the_version_is_the_one_that_the_private_names_were_tried_with() -> None:
    assert metadata.version("azure-servicebus").startswith("7.15.")


def test_the_sdk_has_both_private_names() -> None:
    message = ServiceBusReceivedMessage.from_bytes(b"\x00\x53\x75\xa0\x00")

    assert message._is_deferred_message is False
    assert hasattr(message, "_received_lock_token") or message.lock_token is None


def test_a_rehydrated_message_shows_its_token() -> None:
    token = uuid.uuid4()

    assert lock_tokens.rehydrate(token).lock_token == token


async def test_a_dead_letter_by_token_goes_over_the_management_link_and_takes_no_message(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    waiting = host.deliver()
    await settler.settle(waiting, DeadLetter(Reason.STALE_MESSAGE, ""))  # the link is open now
    abandoned = host.deliver()
    deliveries = emulator.snapshot(QUEUE).counters["deliver"]

    await settler.settle(message, DeadLetter(Reason.RETRIES_EXHAUSTED, "why"))

    # Only a request to $management can settle what came in on another connection's link.
    view = emulator.snapshot(QUEUE)
    assert [buried.dead_letter_reason for buried in view.dead_lettered] == ["RetriesExhausted", "StaleMessage"]
    assert view.counters["deliver"] == deliveries
    assert [locked.message_id for locked in view.locked] == [abandoned.message_id]
