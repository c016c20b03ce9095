from collections.abc import Callable

import pytest

from emulators.graph.faults import Delay, When
from emulators.servicebus.server import ServiceBusEmulator
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site, lines

MESSAGES = 16
OUTAGES: dict[str, Callable[[ServiceBusEmulator], None]] = {
    "connections dropped": ServiceBusEmulator.drop_connections,
    "connections cut": ServiceBusEmulator.cut_connections,
    "restarted": ServiceBusEmulator.restart,
}


def test_service_bus_may_go_at_any_moment(own_site: OwnSite) -> None:
    site = own_site()
    site.start_host()
    site.graph.faults.add(When(method="POST"), Delay(0.2))

    for outage in OUTAGES.values():
        leavers = [site.people.take() for _ in range(MESSAGES)]
        posts = _posts(site)
        sent = [site.left(leaver) if n % 2 else site.retired(leaver.device) for n, leaver in enumerate(leavers)]
        site.hang_up()
        site.until(lambda: _posts(site) > posts + 3)  # noqa: B023  # called before the next round
        outage(site.service_bus)
        outcomes = [lines(site.end(message)) for message in sent]

        assert outcomes == [{leaver.device: "unassigned"} for leaver in leavers]
        assert [len(site.posts(leaver.device)) for leaver in leavers] == [1] * MESSAGES
        assert [site.settlement(message) for message in sent] == ["complete"] * MESSAGES
        assert [len(site.published(message)) for message in sent] == [1] * MESSAGES
        assert all(message.delivery_count <= 3 for message in site.service_bus.snapshot("user-offboarding").active)


def _posts(site: Site) -> int:
    return sum(call.method == "POST" for call in site.graph.calls)
