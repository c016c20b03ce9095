"""The dead letters of a queue, through the real SDK: seen, taken, given back, completed, and sent again."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from emulators.clock import ManualClock, SystemClock
from emulators.servicebus import config
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.server import ServiceBusEmulator
from emulators.servicebus.trace import Operation
from shared.messaging import replays
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from shared.ports import SettlementFailed
from shared.servicebus.connection import Connection
from shared.servicebus.dead_letter_queue import PAGE, SUBQUEUE, DeadLetterQueue, DeadLettersUnreachable
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, SHORT, Host

SOON = timedelta(seconds=1)


@pytest.fixture
def dead_letters(connection: Connection) -> DeadLetterQueue:
    return DeadLetterQueue(connection, QUEUE, first_wait=SOON)


async def peeked(dead_letters: DeadLetterQueue) -> list[DeadLettered]:
    return [each async for each in dead_letters.peek()]


async def buried(host: Host, settler: ServiceBusSettler, number: int) -> None:
    for message in host.deliver_all(number, b'{"a": 1}', customer="c", count=7):
        await settler.settle(message, DeadLetter(Reason.INVALID_MESSAGE, "$.user: is required"))


async def test_a_dead_letter_is_seen_with_its_reason_and_what_its_sender_wrote(
    dead_letters: DeadLetterQueue, host: Host, settler: ServiceBusSettler
) -> None:
    await buried(host, settler, 1)

    (seen,) = await peeked(dead_letters)

    assert (seen.reason, seen.description) == ("InvalidMessage", "$.user: is required")
    assert (seen.message.queue, seen.message.message_id, seen.message.body) == (QUEUE, "m1", b'{"a": 1}')
    assert seen.message.application_properties["customer"] == "c"
    assert seen.message.application_properties["count"] == 7
    assert seen.message.lock_token == ""


async def test_what_was_taken_and_not_chosen_is_given_back_and_the_rest_is_gone(
    dead_letters: DeadLetterQueue, host: Host, settler: ServiceBusSettler, emulator: ServiceBusEmulator
) -> None:
    await buried(host, settler, 3)

    taken = await dead_letters.receive()
    others = await dead_letters.receive()
    await dead_letters.complete(taken[1])
    await dead_letters.release([taken[0], taken[2]])

    view = emulator.snapshot(QUEUE + SUBQUEUE)
    assert ([each.message.message_id for each in taken], others) == (["m1", "m2", "m3"], [])
    assert ([each.message_id for each in view.active], view.locked) == (["m1", "m3"], ())
    assert [each.message.message_id for each in await dead_letters.receive()] == ["m1", "m3"]


@pytest.fixture
def clock() -> ManualClock:
    """Starts now, since the SDK compares the end of a lock with the machine's clock."""
    return ManualClock(SystemClock().now())


@pytest.fixture
def strict(clock: ManualClock) -> Iterator[ServiceBusEmulator]:
    """A namespace whose queue gives a message up at its second delivery, on a clock that stands still."""
    rules = config.DeliveryRules(lock_duration=timedelta(minutes=5), max_delivery_count=2)
    namespace = config.Namespace(queues=(config.Queue(name=QUEUE, rules=rules),))
    emulator = ServiceBusEmulator(namespace, clock=clock).start()
    yield emulator
    emulator.stop()


async def test_a_dead_letter_comes_again_however_often_it_is_given_back_or_its_lock_ends(
    strict: ServiceBusEmulator, clock: ManualClock
) -> None:
    connection = Connection.by_connection_string(strict.connection_string, limits=SHORT)
    dead_letters = DeadLetterQueue(connection, QUEUE, first_wait=SOON)
    try:
        await buried(Host(strict), ServiceBusSettler(connection), 2)
        await dead_letters.release(await dead_letters.receive())
        first, second = await dead_letters.receive()
        clock.advance(timedelta(minutes=6))
        strict.sweep()

        with pytest.raises(SettlementFailed) as lost:
            await dead_letters.complete(first)
        await dead_letters.release([second])  # its lock has ended too

        assert lost.value.lock_lost
        assert [each.message.message_id for each in await dead_letters.receive()] == ["m1", "m2"]
    finally:
        await connection.close()


async def test_a_replay_goes_to_the_queue_with_all_that_the_message_had(
    dead_letters: DeadLetterQueue, host: Host, settler: ServiceBusSettler, emulator: ServiceBusEmulator
) -> None:
    await buried(host, settler, 1)
    (seen,) = await peeked(dead_letters)

    for _ in range(2):
        await dead_letters.send(replays.of(seen.message, run=1))

    (sent,) = emulator.snapshot(QUEUE).active
    assert (sent.message_id, sent.body) == ("m1:r1", b'{"a": 1}')
    assert sent.application_properties == {
        "customer": "c",
        "count": 7,
        "replay": 1,
        "replayOf": "m1",
        "firstEnqueuedAt": seen.message.first_enqueued_at.isoformat(),
    }


async def test_peeking_goes_on_over_pages(
    dead_letters: DeadLetterQueue, host: Host, settler: ServiceBusSettler
) -> None:
    await buried(host, settler, PAGE + 3)

    seen = await peeked(dead_letters)

    assert [each.message.message_id for each in seen] == [f"m{n}" for n in range(1, PAGE + 4)]


@pytest.mark.parametrize("operation", [Operation.PEEK, Operation.ATTACH], ids=["peek", "attach"])
async def test_what_is_out_of_reach_is_told_with_the_queue(
    dead_letters: DeadLetterQueue, emulator: ServiceBusEmulator, operation: Operation
) -> None:
    emulator.faults.add(Fault(entity=QUEUE + SUBQUEUE, operation=operation, effect=Effect.SILENCE, times=None))

    with pytest.raises(DeadLettersUnreachable, match=f"queue {QUEUE}: dead letters could not be looked at: "):
        await peeked(dead_letters)
