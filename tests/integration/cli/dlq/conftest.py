"""Dead letters as they come about, for the command to deal with: sent, received and dead-lettered by the real SDK."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

import pytest
from azure.servicebus import ServiceBusClient, ServiceBusMessage

from cli.parts import USER_OFFBOARDING, LocalParts
from emulators.servicebus.views import EntityView
from shared.servicebus.dead_letter_queue import SUBQUEUE

VERIFICATION: Final = "unassignment-verification"
LEAVER: Final = {"user": {"userPrincipalName": "anna@contoso.example"}}

type Bury = Callable[..., None]


@pytest.fixture
def settings(settings: dict[str, str]) -> dict[str, str]:
    return settings | {"VERIFICATION_QUEUE": VERIFICATION}


@pytest.fixture
def bury(parts: LocalParts) -> Iterator[Bury]:
    """`bury("m-1", reason="…")`: one more dead letter; the queues are empty in the end."""
    with ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client:

        def bury(
            message_id: str | None,
            body: Mapping[str, Any] | bytes = LEAVER,
            *,
            reason: str = "GraphPermissionDenied",
            description: str = "403",
            queue: str = USER_OFFBOARDING,
            **properties: Any,
        ) -> None:
            encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
            with client.get_queue_sender(queue) as sender, client.get_queue_receiver(queue) as receiver:
                sender.send_messages(
                    ServiceBusMessage(encoded, message_id=message_id, application_properties=dict(properties))
                )
                (message,) = receiver.receive_messages(max_wait_time=5)
                receiver.dead_letter_message(message, reason=reason, error_description=description)

        yield bury


def active(parts: LocalParts, queue: str = USER_OFFBOARDING) -> list[str]:
    return [str(each.message_id) for each in parts.service_bus.snapshot(queue).active]


def dead(parts: LocalParts, queue: str = USER_OFFBOARDING) -> EntityView:
    return parts.service_bus.snapshot(queue + SUBQUEUE)
