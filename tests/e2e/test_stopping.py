import time

from cli.parts import DEVICE_RETIREMENT, USER_OFFBOARDING
from emulators.graph.faults import Delay, Status, When
from tests.e2e.conftest import OwnSite
from tests.e2e.watching import lines


def test_a_host_told_to_stop_finishes_what_it_has_in_hand_and_leaves_the_rest(own_site: OwnSite) -> None:
    site = own_site()
    host = site.start_host()
    leavers = [site.people.take() for _ in range(8)]
    site.graph.faults.add(When(method="POST"), Delay(1))
    site.graph.faults.add(When(method="GET", path=leavers[0].device, last=1), Status(503))
    sent = [site.left(leaver) if n % 2 else site.retired(leaver.device) for n, leaver in enumerate(leavers)]
    site.until(lambda: sum(call.method == "POST" for call in site.graph.calls) >= 4)

    asked = time.monotonic()
    code = site.stop_host(host)
    seconds = time.monotonic() - asked
    late = site.retired(site.people.take().device)
    locked = [
        view for queue in (USER_OFFBOARDING, DEVICE_RETIREMENT) for view in site.service_bus.snapshot(queue).locked
    ]
    ended = [message for message in sent if site.settlement(message)]

    assert code == 0
    assert seconds < 25
    assert locked == []  # nothing is left to wait for its lock
    assert len(ended) >= 4  # what had been posted has been reported and settled
    assert all(site.published(message) for message in ended)

    site.graph.faults.clear()
    site.start_host()
    outcomes = [lines(site.end(message)) for message in sent]

    assert outcomes == [{leaver.device: "unassigned"} for leaver in leavers]
    assert [len(site.posts(leaver.device)) for leaver in leavers] == [1] * len(leavers)
    assert site.end(late)["outcome"] == "unassigned"
