import asyncio
import gc
import socket
import time

import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.aio import ServiceBusClient
from azure.servicebus.exceptions import ServiceBusError

from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_restart_keeps_port_messages_and_locks(emulator: ServiceBusEmulator) -> None:
    port = emulator.port
    async with ServiceBusClient.from_connection_string(emulator.connection_string) as client:
        async with client.get_queue_sender("work") as sender, client.get_queue_receiver("work") as receiver:
            await sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(2)])
            await receiver.receive_messages(1, max_wait_time=5)

            emulator.restart()

        assert emulator.port == port
        async with client.get_queue_receiver("work") as receiver:
            (message,) = await receiver.receive_messages(2, max_wait_time=5)
    assert message.message_id == "m1"
    assert [each.message_id for each in emulator.snapshot("work").locked] == ["m0", "m1"]


async def test_dropped_connections_end_with_an_error_and_take_nothing_more_in(
    work: Ends, emulator: ServiceBusEmulator
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))

    emulator.drop_connections()

    with pytest.raises(ServiceBusError):
        await work.sender.send_messages(ServiceBusMessage(b"", message_id="m2"))
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m3"))
    assert [each.message_id for each in emulator.snapshot("work").active] == ["m1", "m3"]


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_cut_connections_are_made_anew_by_the_client(emulator: ServiceBusEmulator) -> None:
    async with (
        ServiceBusClient.from_connection_string(emulator.connection_string) as client,
        client.get_queue_sender("work") as sender,
    ):
        await sender.send_messages(ServiceBusMessage(b"", message_id="m1"))

        emulator.cut_connections()

        await sender.send_messages(ServiceBusMessage(b"", message_id="m2"))
    assert {each.message_id for each in emulator.snapshot("work").active} == {"m1", "m2"}
    gc.collect()  # the SDK never closes the socket that it lost: here is where that may be said


async def test_stopping_is_quick_and_frees_the_port(emulator: ServiceBusEmulator, work: Ends) -> None:
    started = time.monotonic()

    emulator.stop()

    assert time.monotonic() - started < 5
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", emulator.port)


async def test_a_frozen_one_does_nothing_until_it_thaws(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))

    thaw = emulator.freeze()
    sending = asyncio.create_task(work.sender.send_messages(ServiceBusMessage(b"", message_id="m2")))
    done, _ = await asyncio.wait([sending], timeout=0.3)
    frozen = [each.message_id for each in emulator.snapshot("work").active]
    thaw()
    await sending

    assert done == set()
    assert frozen == ["m1"]
    assert [each.message_id for each in emulator.snapshot("work").active] == ["m1", "m2"]


async def test_it_stops_and_cuts_off_also_who_has_connected_and_said_nothing(emulator: ServiceBusEmulator) -> None:
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as cut:
        await asyncio.to_thread(_until_taken, emulator)
        await asyncio.to_thread(emulator.cut_connections)
        assert cut.recv(1) == b""
    with socket.create_connection(("127.0.0.1", emulator.port), timeout=5) as silent:
        await asyncio.to_thread(_until_taken, emulator)
        await asyncio.to_thread(emulator.drop_connections)
        await asyncio.to_thread(emulator.stop)
        assert silent.recv(1) == b""


def _until_taken(emulator: ServiceBusEmulator) -> None:
    """The reactor does one thing after the other: once it has done this, it has taken in whoever had connected before."""
    emulator.sweep()
    emulator.sweep()
