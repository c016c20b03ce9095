import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise

from cli.parts import DEVICE_RETIREMENT, OUTCOMES
from emulators.graph.faults import Afterwards, Hang, When
from emulators.servicebus.faults import Fault
from emulators.servicebus.trace import Operation
from tests.e2e.breakable import Breakable
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site
from tests.e2e.watching import details, lines


@contextmanager
def breakable_journal(site: Site) -> Iterator[Breakable]:
    site.end(site.retired(site.people.take().device))  # now there is a journal
    journal = Breakable(site)
    try:
        yield journal
    finally:
        journal.bring_back()


def attempts(site: Site, message: str) -> int:
    """One, and as many as copies have been scheduled so far."""
    return 1 + [step for step, _ in site.steps(message)].count("schedule")


def every_copy_was_scheduled_before_its_original_was_completed(site: Site, message: str) -> bool:
    steps = site.steps(message)
    names = ["", *(f":{number}" for number in range(1, attempts(site, message)))]
    pairs = pairwise(names)
    in_order = all(steps.index(("schedule", copy)) < steps.index(("complete", original)) for original, copy in pairs)
    return in_order and all(steps.count(("complete", name)) == 1 for name in names)


def test_while_the_topic_is_out_of_reach_messages_wait_and_are_reported_once_it_is_back(site: Site) -> None:
    leaver, device = site.people.take(), site.people.take().device
    outage = site.disturb(Fault(entity=OUTCOMES, operation=Operation.SEND, times=None))

    left, retired = site.left(leaver), site.retired(device)
    malformed = site.send(DEVICE_RETIREMENT, json.dumps({"device": {"serialNumber": 7}}).encode())
    messages = (left, retired, malformed)
    site.until(lambda: all(attempts(site, message) >= 3 for message in messages))
    assert not any(site.published(message) or site.dead_letter(message) for message in messages)
    site.service_bus.faults.lift(outage)
    outcomes = [site.end(message)["outcome"] for message in messages]

    assert outcomes == ["unassigned", "unassigned", "failed"]
    assert [site.settlement(message) for message in messages] == ["complete", "complete", "InvalidMessage"]
    assert [len(site.posts(each)) for each in (leaver.device, device)] == [1, 1]
    assert [len(site.published(message)) for message in messages] == [1, 1, 1]
    assert every_copy_was_scheduled_before_its_original_was_completed(site, left)
    assert every_copy_was_scheduled_before_its_original_was_completed(site, retired)


def test_while_the_journal_is_out_of_reach_nothing_is_touched(site: Site) -> None:
    before, amid = site.people.take(), site.people.take().device
    hang = Hang()
    site.graph.faults.add(When(method="GET", path=amid, last=1), hang)

    with breakable_journal(site) as journal:
        message_amid = site.retired(amid)
        site.until(lambda: [call for call in site.graph.calls if amid in call.path])
        journal.take_away()
        hang.release()
        message_before = site.left(before)
        site.until(lambda: min(attempts(site, message_amid), attempts(site, message_before)) >= 3)
        posts = [site.posts(before.device), site.posts(amid)]
    data = {**lines(site.end(message_before)), **lines(site.end(message_amid))}

    assert posts == [[], []]
    assert data == {before.device: "unassigned", amid: "unassigned"}
    assert [len(site.posts(before.device)), len(site.posts(amid))] == [1, 1]
    assert every_copy_was_scheduled_before_its_original_was_completed(site, message_before)


def test_a_journal_lost_between_the_post_and_its_result_costs_no_second_post(site: Site) -> None:
    device = site.people.take().device

    with breakable_journal(site) as journal:
        site.graph.faults.add(When(method="POST", path=device, last=1), Afterwards(journal.take_away))
        message = site.retired(device)
        site.until(lambda: attempts(site, message) >= 3)
    data = site.end(message)

    assert (lines(data), details(data)) == ({device: "unassigned"}, [None])
    assert len(site.posts(device)) == len(site.published(message)) == 1


def test_a_journal_and_a_host_lost_between_the_post_and_its_result_cost_no_second_post(own_site: OwnSite) -> None:
    site = own_site()
    host = site.start_host()
    device = site.people.take().device

    with breakable_journal(site) as journal:
        site.graph.faults.add(When(method="POST", path=device, last=1), Afterwards(journal.take_away))
        message = site.retired(device)
        site.until(lambda: attempts(site, message) >= 2)
        site.kill_host(host)
    site.start_host()
    data = site.end(message)

    assert (lines(data), details(data)) == ({device: "unassigned"}, ["responseLost"])
    assert len(site.posts(device)) == len(site.published(message)) == 1
