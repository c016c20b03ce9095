import re
from datetime import UTC, datetime, timedelta

import pytest

from emulators.clock import ManualClock
from emulators.graph.faults import BATCH, LIST, ONE_DEVICE, UNASSIGN_USER, Delay, Faults, Hang, Reset, Status, When
from emulators.graph.messages import GraphRequest

DEVICES = ("deviceManagement", "windowsAutopilotDeviceIdentities")
UNASSIGN = GraphRequest(
    root="http://127.0.0.1:1",
    api_version="v1.0",
    method="POST",
    segments=(*DEVICES, "d1", "unassignUserFromDevice"),
    batch_id="1",
)
READ = GraphRequest(root="http://127.0.0.1:1", api_version="beta", method="GET", segments=(*DEVICES, "d1"))
SCAN = GraphRequest(
    root="http://127.0.0.1:1", api_version="v1.0", method="GET", segments=DEVICES, query={"$filter": "x eq 'y z'"}
)
WHOLE_BATCH = GraphRequest(root="http://127.0.0.1:1", api_version="v1.0", method="POST", segments=("$batch",))
REQUESTS = {"unassign": UNASSIGN, "read": READ, "scan": SCAN, "batch": WHOLE_BATCH}


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 1, tzinfo=UTC))


@pytest.mark.parametrize(
    ("when", "fitting"),
    [
        (When(), {"unassign", "read", "scan", "batch"}),
        (When(method="GET"), {"read", "scan"}),
        (When(api_version="beta"), {"read"}),
        (When(batch_item=True), {"unassign"}),
        (When(batch_item=False), {"read", "scan", "batch"}),
        (When(path="eq 'y z'"), {"scan"}),
        (When(path=re.compile("/d[0-9]$")), {"read"}),
        (When(path=LIST), {"scan"}),
        (When(path=ONE_DEVICE), {"read"}),
        (When(path=UNASSIGN_USER), {"unassign"}),
        (When(path=BATCH), {"batch"}),
        (When(method="GET", path=UNASSIGN_USER), set()),
    ],
)
def test_a_rule_is_for_the_requests_that_fit(when: When, fitting: set[str]) -> None:
    assert {name for name, request in REQUESTS.items() if when.fits(request)} == fitting


def test_only_requests_that_fit_are_counted(clock: ManualClock) -> None:
    faults = Faults(clock)
    rule = faults.add(When(method="POST", first=2, last=2), Status(500))

    struck = [bool(faults.strike(request)) for request in (READ, UNASSIGN, READ, UNASSIGN, UNASSIGN)]

    assert struck == [False, False, False, True, False]
    assert rule.calls == 3


def test_the_effects_of_all_rules_come_together(clock: ManualClock) -> None:
    faults = Faults(clock)
    faults.add(When(), Delay(1), Status(429))
    faults.add(When(method="POST"), Reset())

    assert faults.strike(UNASSIGN) == (Delay(1), Status(429), Reset())


def test_a_lasting_rule_ends_with_its_time(clock: ManualClock) -> None:
    faults = Faults(clock)
    clock.advance(timedelta(hours=1))
    faults.add(When(lasting=timedelta(minutes=1)), Status(503))

    clock.advance(timedelta(seconds=59))
    before = faults.strike(READ)
    clock.advance(timedelta(seconds=1))

    assert (before, faults.strike(READ)) == ((Status(503),), ())


def test_clearing_releases_what_hangs(clock: ManualClock) -> None:
    faults = Faults(clock)
    hang = Hang()
    faults.add(When(), Delay(1), hang)

    faults.clear()

    assert hang.released.is_set()
    assert faults.strike(READ) == ()
