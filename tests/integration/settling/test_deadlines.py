"""A service that does not answer: calls end in time, and what was cut off leaves no damage."""

import asyncio
import time
from datetime import timedelta

import pytest

from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation
from shared.domain.errors import OutcomeNotPublished
from shared.messaging import copies
from shared.messaging.settlement import Complete, DelayedRetry
from shared.ports import SettlementFailed
from shared.servicebus.connection import Limits
from shared.servicebus.outcomes import ServiceBusOutcomes
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, SHORT, TOPIC, Host
from tests.integration.settling.samples import NOON, SOON, a_publication
from tests.integration.waiting import until


def silence(entity: str, operation: Operation | None = None, times: int | None = None) -> Fault:
    return Fault(entity=entity, operation=operation, effect=Effect.SILENCE, times=times)


def test_rule_11_no_call_and_no_try_may_last_longer_than_the_design_allows() -> None:
    limits = Limits()

    assert 2 * limits.one_try < limits.call <= timedelta(seconds=20)
    assert limits.closing < timedelta(seconds=20)


async def test_rule_11_a_silent_queue_fails_in_time_and_works_again_when_it_answers(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    outage = emulator.faults.add(silence(QUEUE))
    begun = time.monotonic()

    with pytest.raises(SettlementFailed, match=r"settling failed: \w+$"):
        await settler.settle(message, Complete())
    lasted = time.monotonic() - begun
    emulator.faults.lift(outage)
    await settler.settle(message, Complete())

    assert lasted < SHORT.call.total_seconds() + 2
    assert emulator.snapshot(QUEUE).locked == ()


async def test_an_answer_that_was_lost_is_reported_as_a_lost_lock_that_may_be_a_success(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    emulator.faults.add(Fault(entity=QUEUE, operation=Operation.COMPLETE, effect=Effect.LOSE_ANSWER))

    with pytest.raises(SettlementFailed, match=r"may have settled the message$") as caught:
        await settler.settle(message, Complete())

    assert caught.value.lock_lost
    assert emulator.snapshot(QUEUE).locked == ()


async def test_a_copy_whose_answer_was_lost_is_scheduled_again_and_kept_once(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    copy = copies.schedule(host.deliver(), DelayedRetry(SOON), now=NOON)
    emulator.faults.add(Fault(entity=QUEUE, operation=Operation.SCHEDULE, effect=Effect.LOSE_ANSWER))

    await settler.schedule(copy)

    assert [view.message_id for view in emulator.snapshot(QUEUE).scheduled] == [copy.message_id]


async def test_a_silent_topic_is_a_transient_error(outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator) -> None:
    outage = emulator.faults.add(silence(TOPIC))

    with pytest.raises(OutcomeNotPublished):
        await outcomes.publish(a_publication())
    emulator.faults.lift(outage)

    await outcomes.publish(a_publication())


async def test_a_call_cancelled_amid_its_request_ends_so_and_leaves_the_link_usable(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    first, second = host.deliver(), host.deliver()
    await settler.settle(first, Complete())
    emulator.faults.add(silence(QUEUE, Operation.COMPLETE, times=1))

    call = asyncio.create_task(settler.settle(second, Complete()))
    await until(lambda: any(entry.fault for entry in emulator.trace))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    await settler.settle(second, Complete())

    assert emulator.snapshot(QUEUE).locked == ()
