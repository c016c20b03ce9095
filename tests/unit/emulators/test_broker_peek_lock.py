import uuid

import pytest

from emulators.servicebus import errors
from emulators.servicebus.message import Message
from tests.unit.emulators.broker_builder import LOCK, Bench


def token_of(message: Message) -> uuid.UUID:
    assert message.lock_token is not None
    return message.lock_token


def test_messages_are_taken_in_the_order_they_came() -> None:
    bench = Bench()
    bench.send("a", "b", "c")

    assert [bench.take().content.message_id for _ in range(3)] == ["a", "b", "c"]
    assert bench.queue.take() is None


def test_an_abandoned_message_comes_before_later_ones() -> None:
    bench = Bench()
    bench.send("a", "b", "c")
    first = bench.take()
    bench.take()

    bench.queue.abandon(token_of(first))

    assert bench.take().content.message_id == "a"


def test_abandoning_sets_the_properties_that_were_asked_for() -> None:
    bench = Bench()
    bench.send("a", application_properties={"kept": 1, "changed": 1})

    bench.queue.abandon(token_of(bench.take()), {"changed": 2})

    assert bench.take().content.application_properties == {"kept": 1, "changed": 2}


def test_a_released_message_has_not_been_delivered() -> None:
    bench = Bench(max_delivery_count=1)
    bench.send("a")

    for _ in range(3):
        message = bench.take()
        assert message.delivery_count == 1
        bench.queue.release(token_of(message))

    assert bench.ids("active") == ["a"]


def test_a_token_serves_once() -> None:
    bench = Bench()
    bench.send("a")
    token = token_of(bench.take())
    bench.queue.complete(token)

    for settle in (
        bench.queue.complete,
        bench.queue.abandon,
        bench.queue.defer,
        bench.queue.release,
        bench.queue.renew,
    ):
        with pytest.raises(errors.LockLost):
            settle(token)


def test_a_lock_ends_at_its_time_and_not_before() -> None:
    bench = Bench()
    bench.send("a")
    first = token_of(bench.take())

    bench.clock.advance(LOCK * 0.999)
    assert bench.queue.take() is None
    bench.clock.advance(LOCK * 0.001)

    again = bench.take()
    assert again.delivery_count == 2
    assert again.lock_token != first


def test_a_renewed_lock_ends_a_lock_duration_after_the_renewal() -> None:
    bench = Bench()
    bench.send("a")
    token = token_of(bench.take())
    bench.clock.advance(LOCK * 0.5)

    assert bench.queue.renew(token) == bench.clock.now() + LOCK

    bench.clock.advance(LOCK * 0.999)
    assert bench.ids("locked") == ["a"]
    bench.clock.advance(LOCK * 0.001)
    assert bench.ids("active") == ["a"]


def test_a_deferred_message_that_is_given_back_is_deferred_still() -> None:
    bench = Bench()
    bench.send("a")
    message = bench.take()
    bench.queue.defer(token_of(message))

    (again,) = bench.queue.take_deferred([message.sequence_number])
    bench.clock.advance(LOCK)

    assert again.delivery_count == 2
    assert (bench.ids("deferred"), bench.queue.take()) == (["a"], None)


def test_deferred_messages_are_had_all_or_none() -> None:
    bench = Bench()
    bench.send("a", "b")
    number = bench.take().sequence_number
    bench.queue.defer(token_of(next(iter(bench.queue.messages()))))

    with pytest.raises(errors.MessageNotFound):
        bench.queue.take_deferred([number, 2])

    assert bench.ids("deferred") == ["a"]


def test_receive_and_delete_leaves_nothing_behind() -> None:
    bench = Bench()
    bench.send("a")

    message = bench.queue.take(delete=True)

    assert message is not None
    assert message.lock_token is None
    bench.clock.advance(LOCK)
    assert (bench.ids("active"), bench.ids("locked")) == ([], [])
