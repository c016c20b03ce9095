"""A host is told to stop (SIGTERM) while a message is at one step of its life: it ends well, and the message ends as ever."""

import time
from collections.abc import Callable
from datetime import timedelta

import pytest

from cli.parts import OUTCOMES, USER_OFFBOARDING
from emulators.graph.faults import LIST, Delay, When
from emulators.servicebus import faults
from emulators.servicebus.faults import Effect, Fault
from emulators.servicebus.trace import Operation
from tests.e2e.conftest import OwnSite
from tests.e2e.people import Person
from tests.e2e.site import Site
from tests.e2e.watching import lines

SLOW = Delay(2)
GRACE_SECONDS = 25

type Struck = Callable[[], bool]


def list_is_read(site: Site, leaver: Person) -> Struck:
    site.graph.faults.add(When(method="GET", path=LIST), SLOW)
    return lambda: bool(site.scans())


def record_is_read(site: Site, leaver: Person) -> Struck:
    site.graph.faults.add(When(method="GET", path=leaver.device), SLOW)
    return lambda: any(leaver.device in call.path for call in site.graph.calls)


def post_is_sent(site: Site, leaver: Person) -> Struck:
    site.graph.faults.add(When(method="POST"), SLOW)
    return lambda: bool(site.posts(leaver.device))


def struck(site: Site) -> Struck:
    return lambda: any(entry.fault for entry in site.service_bus.trace)


def outcome_is_published(site: Site, leaver: Person) -> Struck:
    site.disturb(faults.out_of_reach(OUTCOMES))
    return struck(site)


def message_is_completed(site: Site, leaver: Person) -> Struck:
    site.disturb(Fault(entity=USER_OFFBOARDING, operation=Operation.COMPLETE, effect=Effect.LOSE_ANSWER, times=None))
    return struck(site)


STEPS = (list_is_read, record_is_read, post_is_sent, outcome_is_published, message_is_completed)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.__name__)
def test_a_host_told_to_stop_at_any_step_ends_well_and_its_message_as_ever(
    own_site: OwnSite, step: Callable[[Site, Person], Struck]
) -> None:
    site = own_site()
    host = site.start_host()
    leaver = site.people.take()
    is_there = step(site, leaver)
    sent = site.left(leaver)
    site.until(is_there)

    asked = time.monotonic()
    code = site.stop_host(host)
    took = timedelta(seconds=time.monotonic() - asked)
    site.recover()
    site.start_host()

    assert lines(site.end(sent)) == {leaver.device: "unassigned"}
    assert (code, took < timedelta(seconds=GRACE_SECONDS)) == (0, True)
    assert len(site.posts(leaver.device)) == 1
    assert len({each["id"] for each in site.published(sent)}) == 1
