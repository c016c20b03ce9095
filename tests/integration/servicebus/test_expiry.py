from datetime import timedelta

from azure.servicebus import ServiceBusMessage

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_a_message_that_outlived_its_time_is_dead_lettered(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1", time_to_live=timedelta(seconds=30)))

    clock.advance(timedelta(seconds=30))

    (buried,) = emulator.snapshot("work").dead_lettered
    assert (buried.message_id, buried.dead_letter_reason) == ("m1", "TTLExpiredException")
    assert await work.receiver.receive_messages(max_wait_time=0.3) == []
