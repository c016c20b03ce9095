from datetime import timedelta

import pytest

from emulators.servicebus import errors
from emulators.servicebus.message import Content
from tests.unit.emulators.broker_builder import START, Bench

_LATER = START + timedelta(minutes=10)


def test_a_scheduled_message_is_enqueued_when_it_is_due_and_not_before() -> None:
    bench = Bench()
    number = bench.inbox.schedule(Content(message_id="a", scheduled_for=_LATER))

    bench.clock.advance(timedelta(minutes=9))
    assert (bench.ids("scheduled"), bench.ids("active")) == (["a"], [])
    bench.clock.advance(timedelta(minutes=1))

    (view,) = bench.broker.snapshot("q").active
    assert (view.message_id, view.enqueued_at, view.scheduled_for) == ("a", _LATER, _LATER)
    assert view.sequence_number != number, "it is a new message to the queue"


def test_its_life_starts_when_it_is_enqueued() -> None:
    bench = Bench(time_to_live=timedelta(minutes=5), dead_letter_on_expiration=True)
    bench.inbox.schedule(Content(message_id="a", scheduled_for=_LATER))

    bench.clock.advance(timedelta(minutes=14))
    assert bench.ids("active") == ["a"]
    bench.clock.advance(timedelta(minutes=1))
    assert bench.ids("dead_lettered") == ["a"]


def test_a_message_scheduled_for_the_past_is_enqueued_at_once() -> None:
    bench = Bench()

    bench.inbox.schedule(Content(message_id="a", scheduled_for=START - timedelta(days=1)))

    assert bench.ids("active") == ["a"]


def test_scheduled_messages_come_in_the_order_they_are_due() -> None:
    bench = Bench()
    for minutes in (3, 1, 2):
        bench.inbox.schedule(Content(message_id=minutes, scheduled_for=START + timedelta(minutes=minutes)))

    bench.clock.advance(timedelta(minutes=5))

    assert bench.ids("active") == [1, 2, 3]


def test_cancelling_takes_all_or_none() -> None:
    bench = Bench()
    number = bench.inbox.schedule(Content(message_id="a", scheduled_for=_LATER))

    with pytest.raises(errors.MessageNotFound):
        bench.inbox.cancel([number, 999])
    assert bench.ids("scheduled") == ["a"]
    bench.inbox.cancel([number])
    bench.clock.advance(timedelta(minutes=10))

    assert (bench.ids("scheduled"), bench.ids("active")) == ([], [])
    with pytest.raises(errors.MessageNotFound):
        bench.inbox.cancel([number])


def test_a_message_without_a_time_cant_be_scheduled() -> None:
    with pytest.raises(errors.InvalidRequest):
        Bench().inbox.schedule(Content(message_id="a"))
