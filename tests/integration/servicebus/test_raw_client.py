"""A client that is not azure-servicebus: what it may send that the SDK never would."""

from collections.abc import Iterator

import proton
import pytest
from proton.utils import BlockingConnection, LinkDetached, SendException

from emulators.servicebus.server import ServiceBusEmulator


class Garbage(proton.Message):
    """Bytes that are no message."""

    def encode(self) -> bytes:
        return b"\x00\x53\x75garbage"


@pytest.fixture
def connection(emulator: ServiceBusEmulator) -> Iterator[BlockingConnection]:
    connection = BlockingConnection(f"127.0.0.1:{emulator.port}", timeout=5)
    yield connection
    connection.close()


@pytest.mark.parametrize("address", ["work", "work/$management", "$cbs"])
def test_garbage_is_rejected_and_the_server_lives_on(
    connection: BlockingConnection, emulator: ServiceBusEmulator, address: str
) -> None:
    with pytest.raises(SendException):
        connection.create_sender(address).send(Garbage())

    connection.create_sender("work", name="another").send(proton.Message(body="text", id="m1"))
    assert [each.message_id for each in emulator.snapshot("work").active] == ["m1"]


@pytest.mark.parametrize("address", ["nowhere", "nowhere/$management", "news/Subscriptions/all"])
def test_a_link_to_where_nothing_can_be_sent_is_detached(connection: BlockingConnection, address: str) -> None:
    with pytest.raises(LinkDetached):
        connection.create_sender(address)


def test_a_value_body_and_an_uncommon_header_come_back_as_they_went_in(connection: BlockingConnection) -> None:
    sent = proton.Message(body={"a": [1, "b"]}, durable=True, priority=9, user_id=b"u", group_sequence=3)
    connection.create_sender("work").send(sent)

    receiver = connection.create_receiver("work", credit=1)
    received = receiver.receive(timeout=5)
    receiver.accept()

    assert received.body == {"a": [1, "b"]}
    assert (received.durable, received.priority, received.user_id, received.group_sequence) == (True, 9, b"u", 3)


def test_a_request_without_a_link_for_the_answer_is_done_and_not_answered(
    connection: BlockingConnection, emulator: ServiceBusEmulator
) -> None:
    request = proton.Message(id="1", properties={"operation": "com.microsoft:peek-message"}, body={})

    connection.create_sender("work/$management").send(request)
    connection.create_sender("work").send(proton.Message(body=b""))

    assert len(emulator.snapshot("work").active) == 1
