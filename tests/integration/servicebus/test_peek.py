from datetime import timedelta

from azure.servicebus import ServiceBusMessage, ServiceBusMessageState

from emulators.clock import ManualClock
from emulators.servicebus.server import ServiceBusEmulator
from tests.integration.servicebus.conftest import Ends


async def test_peeking_sees_every_state_changes_nothing_and_goes_on_by_sequence_number(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.schedule_messages(ServiceBusMessage(b"", message_id="late"), clock.now() + timedelta(hours=1))
    await work.sender.send_messages([ServiceBusMessage(b"", message_id=f"m{n}") for n in range(3)])
    await work.receiver.receive_messages(1, max_wait_time=5)
    before = emulator.snapshot("work")

    first = await work.receiver.peek_messages(2, sequence_number=1)
    rest = await work.receiver.peek_messages(10)
    nothing = await work.receiver.peek_messages(10)

    assert [(each.message_id, each.state) for each in first] == [
        ("late", ServiceBusMessageState.SCHEDULED),
        ("m0", ServiceBusMessageState.ACTIVE),
    ]
    assert ([each.message_id for each in rest], nothing) == (["m1", "m2"], [])
    assert emulator.snapshot("work") == before
