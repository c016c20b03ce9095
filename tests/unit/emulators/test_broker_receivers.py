"""Who is served when several wait: links are stood in for by their credit, as nothing else of them matters here."""

from typing import Any

from emulators.servicebus.faults import Fault, Faults
from emulators.servicebus.gate import Gate
from emulators.servicebus.queue import MessageQueue
from emulators.servicebus.receiving import ReceiveLink, Receivers
from emulators.servicebus.trace import Operation
from tests.unit.emulators.broker_builder import Bench


class FakeLink:
    """Credit, and what came for it."""

    def __init__(self, name: str, credit: int, *, drain_mode: bool = False) -> None:
        self.name = name
        self.credit = credit
        self.drain_mode = drain_mode
        self.connection = name
        self.received: list[Any] = []

    def drained(self) -> None:
        self.credit = 0


class FakeReceiveLink(ReceiveLink):
    def __init__(self, queue: MessageQueue, gate: Gate) -> None:
        super().__init__(queue, gate, delete=False)

    def deliver(self, link: Any) -> None:
        message = self.queue.take()
        assert message is not None
        link.received.append(message.content.message_id)
        link.credit -= 1


class Waiting:
    def __init__(self, *links: FakeLink) -> None:
        self.bench = Bench()
        self.faults = Faults()
        gate = Gate(self.faults, self.bench.trace, self.bench.clock)
        self.receivers = Receivers(gate)
        self.roles = {link.name: FakeReceiveLink(self.bench.queue, gate) for link in links}
        for link in links:
            self.receivers.update(link, self.roles[link.name])


def test_links_that_wait_take_turns() -> None:
    first, second = FakeLink("first", 3), FakeLink("second", 3)
    waiting = Waiting(first, second)
    waiting.bench.send("a", "b", "c", "d")

    waiting.receivers.serve()

    assert (first.received, second.received) == (["a", "c"], ["b", "d"])


def test_nobody_gets_more_than_the_credit_granted() -> None:
    none, one = FakeLink("none", 0), FakeLink("one", 1)
    waiting = Waiting(none, one)
    waiting.bench.send("a", "b")

    waiting.receivers.serve()

    assert (none.received, one.received, waiting.bench.ids("active")) == ([], ["a"], ["b"])


def test_a_drained_link_gets_what_there_is_and_gives_the_rest_of_its_credit_back() -> None:
    link = FakeLink("link", 5, drain_mode=True)
    waiting = Waiting(link)
    waiting.bench.send("a", "b")

    waiting.receivers.serve()
    assert (link.received, link.credit) == (["a", "b"], 0)
    waiting.bench.send("c")
    waiting.receivers.serve()

    assert waiting.bench.ids("active") == ["c"]


def test_a_link_that_has_gone_gets_nothing() -> None:
    closed, lost = FakeLink("closed", 5), FakeLink("lost", 5)
    waiting = Waiting(closed, lost)

    waiting.receivers.remove(closed, waiting.roles["closed"])
    waiting.receivers.remove_connection("lost")
    waiting.bench.send("a")
    waiting.receivers.serve()

    assert (closed.received, lost.received) == ([], [])


def test_a_fault_can_hold_deliveries_back() -> None:
    link = FakeLink("link", 5)
    waiting = Waiting(link)
    fault = waiting.faults.add(Fault(entity="q", operation=Operation.DELIVER, times=None))
    waiting.bench.send("a")

    waiting.receivers.serve()
    assert link.received == []
    waiting.faults.lift(fault)
    waiting.receivers.serve()

    assert link.received == ["a"]
