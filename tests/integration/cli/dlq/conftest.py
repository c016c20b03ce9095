"""Dead letters as they come about, for the command to deal with: sent, received and dead-lettered by the real SDK."""

import asyncio
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
from azure.servicebus import (
    ServiceBusClient,
    ServiceBusMessage,
    ServiceBusReceiveMode,
    ServiceBusReceiver,
    ServiceBusSender,
)

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING, VERIFICATION, LocalParts
from emulators.servicebus.views import MessageView
from shared.domain.acts import Act
from shared.domain.identifiers import EventId
from shared.journal.sqlite import SqliteJournal
from shared.servicebus.dead_letter_queue import SUBQUEUE

RECEIVE_AND_DELETE: Final = ServiceBusReceiveMode.RECEIVE_AND_DELETE
LEAVER: Final = {"user": {"userPrincipalName": "anna@contoso.example"}}
MALFORMED: Final = b'{"user": {"userPrincipleName": "anna@contoso.example"}}'

type Bury = Callable[..., None]


@pytest.fixture
def no_journal(settings: dict[str, str], tmp_path: Path) -> dict[str, str]:
    """Settings that lead to a journal where there can be none."""
    (tmp_path / "file").touch()
    return settings | {"JOURNAL_URL": f"sqlite:///{tmp_path}/file/journal.sqlite3"}


class Gravedigger:
    """Sends messages, and dead-letters them. Its links stay open, as the SDK takes a second to open them."""

    def __init__(self, client: ServiceBusClient) -> None:
        self._client = client
        self._ends: dict[str, tuple[ServiceBusSender, ServiceBusReceiver]] = {}

    def __call__(
        self,
        message_id: str | None,
        body: Mapping[str, Any] | bytes = LEAVER,
        *,
        reason: str = "GraphPermissionDenied",
        description: str = "403",
        queue: str = USER_OFFBOARDING,
        **properties: Any,
    ) -> None:
        if queue not in self._ends:
            self._ends[queue] = (self._client.get_queue_sender(queue), self._client.get_queue_receiver(queue))
        sender, receiver = self._ends[queue]
        encoded = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = dict[str | bytes, Any](properties.items())
        sender.send_messages(ServiceBusMessage(encoded, message_id=message_id, application_properties=named))
        (message,) = receiver.receive_messages(max_wait_time=5)
        while (
            message.message_id != message_id and message_id is not None
        ):  # what an earlier command sent lies before it
            receiver.complete_message(message)
            (message,) = receiver.receive_messages(max_wait_time=5)
        receiver.dead_letter_message(message, reason=reason, error_description=description)


@pytest.fixture(scope="module")
def bury(parts: LocalParts) -> Iterator[Bury]:
    """`bury("m-1", reason="…")`: one more dead letter. Ids must be new in the module: the queues remember them."""
    with ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client:
        yield Gravedigger(client)


@pytest.fixture(autouse=True)
def _empty_again(parts: LocalParts) -> Iterator[None]:
    """Each test begins with empty queues."""
    yield
    with ServiceBusClient.from_connection_string(parts.service_bus.connection_string) as client:
        for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT, VERIFICATION):
            for path in (queue, queue + SUBQUEUE):
                held = parts.service_bus.snapshot(path)
                if held.active:
                    with client.get_queue_receiver(path, receive_mode=RECEIVE_AND_DELETE) as receiver:
                        left = len(held.active)
                        while left > 0:
                            left -= len(receiver.receive_messages(left, max_wait_time=5))


def active(parts: LocalParts, queue: str = USER_OFFBOARDING) -> list[MessageView]:
    """What waits in the queue."""
    return list(parts.service_bus.snapshot(queue).active)


def dead(parts: LocalParts, queue: str = USER_OFFBOARDING) -> list[str]:
    """The ids of the dead letters, none of them locked."""
    held = parts.service_bus.snapshot(queue + SUBQUEUE)
    assert held.locked == ()
    return [str(each.message_id) for each in held.active]


def acts(settings: Mapping[str, str], record: str) -> list[Act]:
    """What operators did, by the journal."""

    async def read() -> list[Act]:
        journal = SqliteJournal(Path(settings["JOURNAL_URL"].removeprefix("sqlite:///")))
        try:
            return list((await journal.read(EventId(record))).acts)
        finally:
            await journal.close()

    return asyncio.run(read())
