from datetime import timedelta

import pytest

from emulators.clock import ManualClock
from emulators.servicebus import config, errors, filters
from emulators.servicebus.broker import Broker
from emulators.servicebus.message import Content
from emulators.servicebus.trace import Trace
from tests.unit.emulators.broker_builder import LOCK, START, Bench

_NEVER = (filters.ConstantFilter(value=False),)
_ONLY_FAILED = (filters.CorrelationFilter(system={"subject": "s"}, application={"outcome": "failed"}),)
_TOPIC = config.Topic(
    name="News",
    subscriptions=(
        config.Subscription(name="all"),
        config.Subscription(name="none", filters=_NEVER),
        config.Subscription(name="failed", filters=_ONLY_FAILED),
    ),
    time_to_live=timedelta(minutes=5),
    duplicate_window=timedelta(minutes=10),
)


def topic_broker() -> tuple[Broker, ManualClock]:
    clock = ManualClock(START)
    return Broker(config.Namespace(topics=(_TOPIC,)), clock=clock, trace=Trace()), clock


def ids(broker: Broker, subscription: str) -> list[object]:
    return [view.message_id for view in broker.snapshot(f"news/subscriptions/{subscription}").active]


def test_each_subscription_gets_what_its_filters_let_through() -> None:
    broker, _ = topic_broker()
    inbox = broker.inbox("news")
    inbox.send(Content(message_id="1", properties={"subject": "s"}, application_properties={"outcome": "failed"}))
    inbox.send(Content(message_id="2", properties={"subject": "s"}, application_properties={"outcome": "done"}))
    inbox.send(Content(message_id="3", properties={"subject": "t"}, application_properties={"outcome": "failed"}))
    inbox.send(Content(message_id="3"))

    assert [ids(broker, name) for name in ("all", "none", "failed")] == [["1", "2", "3"], [], ["1"]]
    assert broker.snapshot("news").counters == {"send": 3, "duplicate": 1}


def test_a_message_lives_no_longer_than_its_topic_allows() -> None:
    broker, clock = topic_broker()
    broker.inbox("news").send(Content(message_id="1"))

    clock.advance(timedelta(minutes=5))

    assert ids(broker, "all") == []


def test_a_topic_schedules_too() -> None:
    broker, clock = topic_broker()
    broker.inbox("news").schedule(Content(message_id="1", scheduled_for=START + timedelta(minutes=1)))
    assert [view.message_id for view in broker.snapshot("news").scheduled] == ["1"]

    clock.advance(timedelta(minutes=1))

    assert ids(broker, "all") == ["1"]


@pytest.mark.parametrize(
    ("path", "side", "error"),
    [
        ("nowhere", "inbox", errors.EntityNotFound),
        ("nowhere", "queue", errors.EntityNotFound),
        ("nowhere/$DeadLetterQueue", "queue", errors.EntityNotFound),
        ("news/Subscriptions/nobody", "queue", errors.EntityNotFound),
        ("news", "queue", errors.NotAllowed),
        ("news/Subscriptions/all", "inbox", errors.NotAllowed),
        ("news/Subscriptions/all/$DeadLetterQueue", "inbox", errors.NotAllowed),
    ],
)
def test_what_is_not_there_or_of_the_wrong_kind_is_refused(path: str, side: str, error: type[Exception]) -> None:
    broker, _ = topic_broker()

    with pytest.raises(error):
        getattr(broker, side)(path)


def test_peeking_merges_scheduled_messages_in_order_of_sequence_number() -> None:
    bench = Bench()
    bench.inbox.schedule(Content(message_id="scheduled", scheduled_for=START + timedelta(minutes=1)))
    bench.send("a", "b")
    bench.queue.take()

    assert [message.content.message_id for message in bench.broker.peek("Q", 1, 2)] == ["scheduled", "a"]
    assert [message.content.message_id for message in bench.broker.peek("q", 3, 9)] == ["b"]


def test_a_dead_letter_subqueue_can_be_looked_at_by_its_own_path() -> None:
    bench = Bench(max_delivery_count=1)
    bench.send("a")
    bench.queue.take()
    bench.clock.advance(LOCK)

    view = bench.broker.snapshot("q/$deadletterqueue")

    assert (view.path, [message.message_id for message in view.active]) == ("q/$DeadLetterQueue", ["a"])


def test_the_broker_knows_when_it_must_look_again() -> None:
    bench = Bench(time_to_live=timedelta(hours=1))
    assert bench.broker.next_due is None

    bench.send("a")
    assert bench.broker.next_due == START + timedelta(hours=1)
    bench.inbox.schedule(Content(message_id="b", scheduled_for=START + timedelta(minutes=30)))
    assert bench.broker.next_due == START + timedelta(minutes=30)
    bench.queue.take()
    assert bench.broker.next_due == START + timedelta(minutes=1)


def test_a_message_above_the_limit_is_refused_and_not_remembered() -> None:
    bench = Bench(duplicate_window=timedelta(hours=1))

    with pytest.raises(errors.MessageTooLarge):
        bench.send("a", size=256 * 1024 + 1)
    bench.send("a", size=256 * 1024)

    assert bench.ids("active") == ["a"]
