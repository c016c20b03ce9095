import pytest
from azure.servicebus import ServiceBusMessage
from azure.servicebus.exceptions import OperationTimeoutError, ServiceBusError, ServiceBusServerBusyError

from emulators.clock import ManualClock
from emulators.servicebus.faults import Effect, Fault, out_of_reach
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation
from tests.integration.servicebus.conftest import Ends


async def test_scheduling_can_be_refused_while_settling_goes_on(
    work: Ends, emulator: ServiceBusEmulator, clock: ManualClock
) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    emulator.faults.add(Fault(entity="work", operation=Operation.SCHEDULE))

    with pytest.raises(ServiceBusServerBusyError):
        await work.sender.schedule_messages(ServiceBusMessage(b"", message_id="m1:1"), clock.now())
    await work.sender.schedule_messages(ServiceBusMessage(b"", message_id="m1:2"), clock.now())
    await work.receiver.complete_message(message)

    happened = [(each.operation, each.fault) for each in emulator.trace if each.operation != Operation.ATTACH]
    assert happened[2:6] == [("schedule", "refuse"), ("schedule", None), ("activate", None), ("complete", None)]


async def test_an_entity_is_out_of_reach_until_the_fault_is_lifted(work: Ends, emulator: ServiceBusEmulator) -> None:
    fault = emulator.faults.add(out_of_reach("work"))
    for _ in range(2):
        with pytest.raises(ServiceBusServerBusyError):
            await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))

    emulator.faults.lift(fault)

    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    assert len(await work.receiver.receive_messages(max_wait_time=5)) == 1


@pytest.mark.parametrize(("effect", "arrived"), [(Effect.SILENCE, 0), (Effect.LOSE_ANSWER, 1)])
async def test_a_send_without_an_answer_may_or_may_not_have_arrived(
    work: Ends, emulator: ServiceBusEmulator, effect: Effect, arrived: int
) -> None:
    emulator.faults.add(Fault(entity="work", operation=Operation.SEND, effect=effect))

    with pytest.raises(OperationTimeoutError):
        await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"), timeout=0.5)

    assert len(emulator.snapshot("work").active) == arrived


async def test_a_settlement_by_management_can_go_unanswered(work: Ends, emulator: ServiceBusEmulator) -> None:
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    (message,) = await work.receiver.receive_messages(max_wait_time=5)
    emulator.faults.add(Fault(entity="work", operation=Operation.RENEW, effect=Effect.SILENCE))

    with pytest.raises(OperationTimeoutError):
        await work.receiver.renew_message_lock(message, timeout=0.5)

    assert "renew" not in emulator.snapshot("work").counters


async def test_a_link_can_be_detached(work: Ends, emulator: ServiceBusEmulator) -> None:
    emulator.faults.add(
        Fault(entity="work", operation=Operation.SEND, effect=Effect.DETACH, condition="amqp:link:detach-forced")
    )

    with pytest.raises(ServiceBusError):
        await work.sender.send_messages(ServiceBusMessage(b"", message_id="m1"))
    await work.sender.send_messages(ServiceBusMessage(b"", message_id="m2"))

    assert [each.message_id for each in emulator.snapshot("work").active] == ["m2"]
