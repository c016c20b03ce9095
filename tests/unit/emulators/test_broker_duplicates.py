from datetime import timedelta

from emulators.servicebus.message import Content
from tests.unit.emulators.broker_builder import START, Bench

_WINDOW = timedelta(hours=1)


def test_a_repeated_id_is_dropped_within_the_window_and_taken_after_it() -> None:
    bench = Bench(duplicate_window=_WINDOW)

    bench.send("a", "a")
    bench.clock.advance(_WINDOW * 0.999)
    bench.send("a")
    assert bench.ids("active") == ["a"]
    bench.clock.advance(_WINDOW * 0.001)
    bench.send("a")

    assert bench.ids("active") == ["a", "a"]
    assert bench.operations() == ["send", "duplicate", "duplicate", "send"]


def test_an_id_is_remembered_although_its_message_is_long_gone() -> None:
    bench = Bench(duplicate_window=_WINDOW)
    bench.send("a")
    bench.queue.take(delete=True)

    bench.send("a")

    assert bench.ids("active") == []


def test_a_scheduled_message_takes_part_when_it_is_scheduled_not_when_it_is_due() -> None:
    bench = Bench(duplicate_window=_WINDOW)
    bench.inbox.schedule(Content(message_id="a", scheduled_for=START + timedelta(minutes=1)))
    bench.inbox.schedule(Content(message_id="a", scheduled_for=START + timedelta(minutes=2)))

    bench.send("a")
    bench.clock.advance(timedelta(minutes=3))

    assert bench.ids("active") == ["a"]


def test_messages_without_an_id_are_never_duplicates() -> None:
    bench = Bench(duplicate_window=_WINDOW)

    bench.send(None, None)

    assert bench.ids("active") == [None, None]


def test_without_detection_nothing_is_dropped() -> None:
    bench = Bench()

    bench.send("a", "a")

    assert bench.ids("active") == ["a", "a"]
