from functools import partial

from emulators.graph.faults import Delay, When
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site
from tests.e2e.watching import lines

MESSAGES = 30
KILLED_AFTER = (1, 8, 16)
"""How many unassignments Graph has accepted when the host is killed."""


def test_hosts_that_are_killed_again_and_again_unassign_everybody_once(own_site: OwnSite) -> None:
    site = own_site()
    site.graph.faults.add(When(method="GET"), Delay(0.05))
    site.graph.faults.add(When(method="POST"), Delay(0.1))
    leavers = [site.people.take() for _ in range(MESSAGES)]
    sent = [site.left(leaver) if n % 2 else site.retired(leaver.device) for n, leaver in enumerate(leavers)]

    for accepted in KILLED_AFTER:
        host = site.start_host()
        site.until(partial(_accepted, site, accepted))
        site.kill_host(host)
    site.start_host()
    outcomes = [lines(site.end(message)) for message in sent]

    assert outcomes == [{leaver.device: "unassigned"} for leaver in leavers]
    assert {len([call for call in site.posts(leaver.device) if call.status == 204]) for leaver in leavers} == {1}
    assert max(len(site.posts(leaver.device)) for leaver in leavers) <= 1 + len(KILLED_AFTER)
    assert {len(site.published(message)) for message in sent} == {1}
    assert {site.settlement(message) for message in sent} == {"complete"}


def _accepted(site: Site, number: int) -> bool:
    return sum(call.method == "POST" and call.status == 204 for call in site.graph.calls) >= number
