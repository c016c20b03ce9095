from collections.abc import AsyncIterator

import pytest

from devhost import connection, errors
from devhost.queue_link import QueueLink
from tests.integration.devhost.harness import LOCK, Bus


@pytest.fixture
async def link(bus: Bus) -> AsyncIterator[QueueLink]:
    made = connection.connect("Bus", {"Bus": bus.emulator.connection_string})
    link = QueueLink(made.client, "waiting")
    yield link
    await link.close()
    await made.close()


async def test_a_message_is_received_renewed_and_completed(bus: Bus, link: QueueLink) -> None:
    await link.open()
    await bus.send("waiting", "m1")

    message = await link.receive(10)
    assert message is not None
    locked_until = link.locked_until(message)
    assert locked_until is not None
    bus.time.advance(LOCK / 2)
    renewed_until = await link.renew(message)
    await link.complete(message)

    assert link.describe(message) == "m1"
    assert renewed_until > locked_until
    assert bus.look("waiting").counters.get("complete") == 1


async def test_no_message_within_the_time_is_none(link: QueueLink) -> None:
    await link.open()

    assert await link.receive(0.01) is None


async def test_a_message_that_is_settled_has_no_lock_to_renew_or_to_settle(bus: Bus, link: QueueLink) -> None:
    await link.open()
    await bus.send("waiting", "m1", "m2")
    message, other = await link.receive(10), await link.receive(10)
    assert message is not None
    assert other is not None
    await link.complete(message)
    bus.time.advance(LOCK * 2)

    with pytest.raises(errors.LockLost, match="abandon"):
        await link.abandon(message)
    with pytest.raises(errors.LockLost, match="renew"):
        await link.renew(other)


async def test_a_link_that_is_not_open_receives_nothing(link: QueueLink) -> None:
    with pytest.raises(errors.LinkLost, match="not open"):
        await link.receive(0.01)


async def test_a_queue_that_does_not_exist_is_a_lost_link_by_the_first_receive(bus: Bus) -> None:
    made = connection.connect("Bus", {"Bus": bus.emulator.connection_string})
    link = QueueLink(made.client, "nonesuch")

    async def open_and_receive() -> None:  # Service Bus lets a link attach, and then detaches it
        await link.open()
        await link.receive(10)

    try:
        with pytest.raises(errors.LinkLost, match="queue nonesuch"):
            await open_and_receive()
    finally:
        await link.close()
        await made.close()


async def test_with_the_service_away_settling_fails_as_a_lost_link(bus: Bus, link: QueueLink) -> None:
    await link.open()
    await bus.send("waiting", "m1")
    message = await link.receive(10)
    assert message is not None

    bus.emulator.stop()

    with pytest.raises(errors.LinkLost, match="queue waiting: abandon"):
        await link.abandon(message)
    with pytest.raises(errors.LinkLost, match="queue waiting"):
        await link.receive(1)
