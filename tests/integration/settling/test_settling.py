"""Settling by lock token what another connection received."""

import asyncio
import uuid
from dataclasses import replace

import pytest

from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging import copies
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Abandon, Complete, DeadLetter, DelayedRetry
from shared.ports import SettlementFailed
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, Host
from tests.integration.settling.samples import NOON, SOON


async def test_a_completed_message_is_gone(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message, kept = host.deliver(), host.deliver()

    await settler.settle(message, Complete())

    assert [view.message_id for view in emulator.snapshot(QUEUE).locked] == [kept.message_id]
    assert emulator.snapshot(QUEUE).active == ()


async def test_an_abandoned_message_is_there_again_at_once(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()

    await settler.settle(message, Abandon())

    assert [view.message_id for view in emulator.snapshot(QUEUE).active] == [message.message_id]


async def test_a_dead_lettered_message_carries_its_reason_and_its_body(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver(b"\x00\xff no text")

    await settler.settle(message, DeadLetter(Reason.INVALID_MESSAGE, "$.user.id: ünzulässig “\N{ROCKET}”"))

    (buried,) = emulator.snapshot(QUEUE).dead_lettered
    assert (buried.dead_letter_reason, buried.dead_letter_description) == (
        "InvalidMessage",
        "$.user.id: ünzulässig “\N{ROCKET}”",
    )
    assert (buried.message_id, buried.body) == (message.message_id, b"\x00\xff no text")


async def test_a_dead_letter_needs_no_description_and_may_have_a_long_one(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    descriptions = ["", "x" * 1024]

    for description in descriptions:
        await settler.settle(host.deliver(), DeadLetter(Reason.STALE_MESSAGE, description))

    buried = emulator.snapshot(QUEUE).dead_lettered
    assert [view.dead_letter_description or "" for view in buried] == descriptions


async def test_each_message_is_settled_in_the_queue_it_came_from(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    user, device = host.deliver(), host.deliver(queue="device-retirement")

    await asyncio.gather(settler.settle(user, Complete()), settler.settle(device, Complete()))

    assert emulator.snapshot(QUEUE).locked == ()
    assert emulator.snapshot("device-retirement").locked == ()


async def test_a_lost_lock_is_told_apart_and_costs_nothing_else(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()

    for settlement in (Complete(), Abandon(), DeadLetter(Reason.STALE_MESSAGE, "old")):
        with pytest.raises(SettlementFailed, match=r"^queue user-offboarding: the lock is lost$") as caught:
            await settler.settle(replace(message, lock_token=str(uuid.uuid4())), settlement)
        assert caught.value.lock_lost

    await settler.settle(message, Complete())
    with pytest.raises(SettlementFailed, match=r"the lock is lost$"):
        await settler.settle(message, Complete())
    assert emulator.snapshot(QUEUE).counters["complete"] == 1


@pytest.mark.parametrize("lock_token", ["", "no uuid", "{}", "0" * 31, "\N{ROCKET}" * 36])
async def test_a_lock_token_that_is_none_fails_without_being_quoted(
    settler: ServiceBusSettler, host: Host, lock_token: str
) -> None:
    message = replace(host.deliver(), lock_token=lock_token)

    with pytest.raises(SettlementFailed, match=r"^queue user-offboarding: the lock token is not a UUID$") as caught:
        await settler.settle(message, Complete())

    assert not caught.value.lock_lost


async def test_fifty_at_once_are_all_settled_while_fifty_copies_are_scheduled(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    messages = host.deliver_all(50)
    retries = [copies.schedule(message, DelayedRetry(SOON), now=NOON) for message in messages]

    await asyncio.gather(
        *(settler.settle(message, Complete()) for message in messages),
        *(settler.schedule(copy) for copy in retries),
    )

    view = emulator.snapshot(QUEUE)
    assert (len(view.locked), len(view.active), view.counters["complete"]) == (0, 0, 50)
    assert {view.message_id for view in view.scheduled} == {copy.message_id for copy in retries}


async def test_an_unknown_queue_fails_and_says_which(settler: ServiceBusSettler, host: Host) -> None:
    message = replace(host.deliver(), queue="misspelt")

    with pytest.raises(SettlementFailed, match=r"^queue misspelt: settling failed: [A-Za-z]+$") as caught:
        await settler.settle(message, Complete())

    assert not caught.value.lock_lost
