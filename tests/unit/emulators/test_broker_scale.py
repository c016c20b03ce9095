"""Ten thousand messages: the work per message must not grow with their number. Counted in steps, not in seconds."""

import sys
from collections.abc import Callable
from datetime import timedelta
from types import FrameType

from emulators.servicebus.message import Content
from tests.unit.emulators.broker_builder import START, Bench


def python_calls(action: Callable[[], object]) -> int:
    """How many Python functions the action calls."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event == "call"

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(before)
    return calls


def filled(number: int) -> Bench:
    bench = Bench(duplicate_window=timedelta(hours=1), time_to_live=timedelta(days=1))
    bench.send(*(str(each) for each in range(number)))
    for each in range(number):
        bench.inbox.schedule(Content(message_id=f"s{each}", scheduled_for=START + timedelta(hours=1, seconds=each)))
    return bench


def one_of_each(bench: Bench) -> None:
    bench.send("new")
    message = bench.take()
    assert message.lock_token is not None
    bench.queue.renew(message.lock_token)
    bench.queue.abandon(message.lock_token)
    last = bench.take()
    assert last.lock_token is not None
    bench.queue.complete(last.lock_token)
    bench.broker.peek("q", 5, 3)
    bench.broker.sweep()
    bench.inbox.cancel([bench.inbox.schedule(Content(message_id="c", scheduled_for=START + timedelta(hours=9)))])


def test_an_operation_costs_the_same_among_ten_thousand_messages_as_among_ten() -> None:
    few, many = filled(10), filled(10_000)

    assert python_calls(lambda: one_of_each(many)) == python_calls(lambda: one_of_each(few))
