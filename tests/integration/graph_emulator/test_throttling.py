from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from emulators.clock import ManualClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.quota import Quota
from emulators.graph.tenant import Device, User

Start = Callable[..., GraphEmulator]
LIST = "/deviceManagement/windowsAutopilotDeviceIdentities"
TWENTY_SECONDS = timedelta(seconds=20)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 1, tzinfo=UTC))


def unassign(http: httpx.Client, graph: GraphEmulator) -> httpx.Response:
    return http.post(f"{graph.endpoint}/v1.0{LIST}/d1/unassignUserFromDevice")


def test_intunes_quota_is_on_unless_it_is_switched_off(start: Start, http: httpx.Client, clock: ManualClock) -> None:
    limited = start(Device(id="d1"), clock=clock)
    free = start(Device(id="d1"), clock=clock, quota=None)

    statuses = [[unassign(http, graph).status_code for _ in range(101)] for graph in (limited, free)]

    assert statuses[0] == [204] * 100 + [429]
    assert statuses[1] == [204] * 101


def test_a_throttled_call_changes_nothing_and_says_when_to_come_back(
    start: Start, http: httpx.Client, clock: ManualClock
) -> None:
    quota = Quota(writes=1, requests=10, window=TWENTY_SECONDS)
    graph = start(Device(id="d1"), clock=clock, quota=quota)
    unassign(http, graph)
    graph.tenant.assign_user("d1", "ada@contoso.example")
    clock.advance(timedelta(seconds=5))

    answer = unassign(http, graph)

    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "15")
    assert answer.json()["error"]["code"] == "TooManyRequests"
    assert graph.tenant.devices["d1"].user_principal_name == "ada@contoso.example"


def test_reading_and_writing_are_limited_apart(start: Start, http: httpx.Client, clock: ManualClock) -> None:
    quota = Quota(writes=1, requests=3, window=TWENTY_SECONDS)
    graph = start(Device(id="d1"), clock=clock, quota=quota)
    unassign(http, graph)

    statuses = [http.get(f"{graph.endpoint}/v1.0{LIST}/d1").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_items_of_a_batch_are_throttled_one_by_one(start: Start, http: httpx.Client, clock: ManualClock) -> None:
    quota = Quota(writes=2, requests=10, window=TWENTY_SECONDS)
    graph = start(Device(id="d1"), clock=clock, quota=quota)
    items = [{"id": str(key), "method": "POST", "url": f"{LIST}/d1/unassignUserFromDevice"} for key in range(3)]

    answer = http.post(f"{graph.endpoint}/v1.0/$batch", json={"requests": items})

    answers = {response["id"]: response for response in answer.json()["responses"]}
    assert answer.status_code == 200
    assert {key: response["status"] for key, response in answers.items()} == {"0": 204, "1": 204, "2": 429}
    assert answers["2"]["headers"]["Retry-After"] == "20"


def test_the_directory_does_not_use_intunes_quota(start: Start, http: httpx.Client, clock: ManualClock) -> None:
    users = [User(id="u1", user_principal_name="ada@contoso.example")]
    graph = start(users=users, clock=clock, quota=Quota(writes=1, requests=1, window=TWENTY_SECONDS))

    statuses = [http.get(f"{graph.endpoint}/v1.0/users/u1").status_code for _ in range(3)]

    assert statuses == [200, 200, 200]
