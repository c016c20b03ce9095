from functools import partial

from emulators.graph.faults import Delay, When
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site
from tests.e2e.watching import lines

MESSAGES = 36


def test_service_bus_may_drop_us_cut_us_off_and_restart_while_messages_are_in_hand(own_site: OwnSite) -> None:
    site = own_site()
    site.start_host()
    site.graph.faults.add(When(method="POST"), Delay(0.3))
    leavers = [site.people.take() for _ in range(MESSAGES)]
    bus = site.service_bus

    sent: list[str] = []
    for number, outage in enumerate((bus.drop_connections, bus.cut_connections, bus.restart)):
        batch = leavers[number::3]
        posts = _posts(site)
        sent += [site.left(leaver) if n % 2 else site.retired(leaver.device) for n, leaver in enumerate(batch)]
        site.hang_up()
        site.until(partial(_posted, site, posts + 3))
        outage()
    outcomes = [lines(site.end(message)) for message in sent]

    expected = [leaver for number in range(3) for leaver in leavers[number::3]]
    assert outcomes == [{leaver.device: "unassigned"} for leaver in expected]
    assert {len(site.posts(leaver.device)) for leaver in leavers} == {1}
    assert {site.settlement(message) for message in sent} == {"complete"}
    assert {len(site.published(message)) for message in sent} == {1}


def _posts(site: Site) -> int:
    return sum(call.method == "POST" for call in site.graph.calls)


def _posted(site: Site, number: int) -> bool:
    return _posts(site) >= number
