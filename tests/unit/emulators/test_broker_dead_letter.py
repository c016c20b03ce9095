import uuid
from datetime import timedelta

import pytest

from emulators.servicebus import errors
from emulators.servicebus.message import Message
from tests.unit.emulators.broker_builder import LOCK, Bench

_LIFE = timedelta(minutes=10)


def token_of(message: Message | None) -> uuid.UUID:
    assert message is not None
    assert message.lock_token is not None
    return message.lock_token


def test_a_message_is_delivered_as_often_as_the_maximum_says_and_then_dead_lettered() -> None:
    bench = Bench(max_delivery_count=3)
    bench.send("a")

    for delivery in (1, 2, 3):
        message = bench.take()
        assert message.delivery_count == delivery
        bench.queue.abandon(token_of(message))

    (buried,) = bench.broker.snapshot("q").dead_lettered
    assert (bench.queue.take(), buried.message_id) == (None, "a")
    assert buried.dead_letter_reason == "MaxDeliveryCountExceeded"
    assert buried.application_properties["DeadLetterReason"] == "MaxDeliveryCountExceeded"


def test_a_lock_that_expires_counts_as_a_delivery() -> None:
    bench = Bench(max_delivery_count=1)
    bench.send("a")
    bench.take()

    bench.clock.advance(LOCK)

    assert bench.ids("dead_lettered") == ["a"]
    assert bench.operations() == ["send", "deliver", "lock-expired", "dead-letter"]


def test_a_dead_lettered_message_keeps_what_it_had_and_where_it_came_from() -> None:
    bench = Bench()
    bench.send("a", body=b"body", application_properties={"attempt": 2})

    bench.queue.dead_letter(token_of(bench.take()), "R", "why", {"more": "x"})

    message = bench.broker.queue("Q/$deadletterqueue").take()
    assert message is not None
    assert (message.content.message_id, message.content.body, message.dead_letter_source) == ("a", b"body", "q")
    assert message.content.application_properties == {
        "attempt": 2,
        "more": "x",
        "DeadLetterReason": "R",
        "DeadLetterErrorDescription": "why",
    }


def test_a_dead_letter_is_never_dead_lettered_again() -> None:
    bench = Bench(max_delivery_count=1, time_to_live=_LIFE, dead_letter_on_expiration=True)
    bench.send("a")
    bench.queue.dead_letter(token_of(bench.take()), "R", None)
    subqueue = bench.broker.queue("q/$DeadLetterQueue")

    with pytest.raises(errors.NotAllowed):
        subqueue.dead_letter(token_of(subqueue.take()), "S", None)
    bench.clock.advance(_LIFE * 2)
    for _ in range(5):
        subqueue.abandon(token_of(subqueue.take()))

    assert [view.dead_letter_reason for view in bench.broker.snapshot("q").dead_lettered] == ["R"]


@pytest.mark.parametrize(("dead_letter", "expected"), [(True, ["a"]), (False, [])], ids=["dead-lettered", "dropped"])
def test_a_message_that_outlived_its_time_is(dead_letter: bool, expected: list[str]) -> None:
    bench = Bench(time_to_live=_LIFE, dead_letter_on_expiration=dead_letter)
    bench.send("a")

    bench.clock.advance(_LIFE * 0.999)
    assert bench.ids("active") == ["a"]
    bench.clock.advance(_LIFE * 0.001)

    assert (bench.ids("active"), bench.ids("dead_lettered"), bench.queue.take()) == ([], expected, None)


def test_the_shorter_life_counts() -> None:
    bench = Bench(time_to_live=_LIFE, dead_letter_on_expiration=True)
    bench.send("short", time_to_live=_LIFE / 2)
    bench.send("long", time_to_live=_LIFE * 2)

    bench.clock.advance(_LIFE / 2)
    assert bench.ids("dead_lettered") == ["short"]
    bench.clock.advance(_LIFE / 2)
    assert bench.ids("dead_lettered") == ["short", "long"]


def test_a_message_that_outlived_its_time_while_locked_can_still_be_completed_but_does_not_come_back() -> None:
    bench = Bench(time_to_live=LOCK / 2, dead_letter_on_expiration=True)
    bench.send("done", "given back")
    done, given_back = bench.take(), bench.take()
    bench.clock.advance(LOCK * 0.9)

    bench.queue.complete(token_of(done))
    bench.queue.abandon(token_of(given_back))

    (buried,) = bench.broker.snapshot("q").dead_lettered
    assert (buried.message_id, buried.dead_letter_reason) == ("given back", "TTLExpiredException")


def test_a_deferred_message_does_not_expire() -> None:
    bench = Bench(time_to_live=_LIFE, dead_letter_on_expiration=True)
    bench.send("a")
    bench.queue.defer(token_of(bench.take()))

    bench.clock.advance(_LIFE * 2)

    assert bench.ids("deferred") == ["a"]
