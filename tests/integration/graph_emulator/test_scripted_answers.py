import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from emulators.clock import ManualClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import LIST, ONE_DEVICE, UNASSIGN_USER, Afterwards, Garble, Reassign, Status, When
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
DEVICES = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"
ADA = "ada@contoso.example"
BOB = "bob@contoso.example"
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def unassign(http: httpx.Client, graph: GraphEmulator) -> httpx.Response:
    return http.post(f"{graph.endpoint}{DEVICES}/d1/unassignUserFromDevice")


@pytest.mark.parametrize(
    "retry_after",
    ["3", "2.128", format_datetime(NOW, usegmt=True), "99999999", "-1", "soon", None],
    ids=["integer", "decimal", "date", "absurd", "negative", "word", "missing"],
)
def test_a_scripted_status_has_the_headers_it_was_given(
    start: Start, http: httpx.Client, retry_after: str | None
) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA))
    headers = {} if retry_after is None else {"Retry-After": retry_after}
    graph.faults.add(When(path=UNASSIGN_USER), Status(503, headers=headers))

    answer = unassign(http, graph)

    assert answer.status_code == 503
    assert answer.headers.get("Retry-After") == retry_after
    assert answer.json()["error"]["code"] == "ServiceUnavailable"
    assert graph.tenant.devices["d1"].user_principal_name == ADA


def test_a_scripted_body_replaces_graphs_error(start: Start, http: httpx.Client) -> None:
    graph = start()
    graph.faults.add(When(), Status(412, headers={"x-msft-approval-code": "abc"}, body={"pending": True}))

    answer = http.get(graph.endpoint + DEVICES)

    assert (answer.status_code, answer.json()) == (412, {"pending": True})
    assert answer.headers["x-msft-approval-code"] == "abc"


def test_a_204_can_change_nothing(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA))
    graph.faults.add(When(path=UNASSIGN_USER), Status(204))

    answer = unassign(http, graph)

    assert (answer.status_code, answer.content) == (204, b"")
    assert graph.tenant.devices["d1"].user_principal_name == ADA


def test_a_rule_strikes_from_the_first_to_the_last_call(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(method="POST", first=2, last=3), Status(500))

    statuses = [unassign(http, graph).status_code for _ in range(4)]

    assert statuses == [204, 500, 500, 204]


def test_a_rule_strikes_as_long_as_it_lasts(start: Start, http: httpx.Client) -> None:
    clock = ManualClock(NOW)
    graph = start(Device(id="d1"), clock=clock)
    graph.faults.add(When(lasting=timedelta(minutes=1)), Status(503))

    during = unassign(http, graph).status_code
    clock.advance(timedelta(minutes=1))

    assert (during, unassign(http, graph).status_code) == (503, 204)


def test_a_rule_can_strike_one_item_of_a_batch(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"), Device(id="d2"))
    graph.faults.add(When(path="/d1/", batch_item=True), Status(429, headers={"retry-after": "7"}))
    urls = {key: f"{DEVICES.removeprefix('/v1.0')}/{key}/unassignUserFromDevice" for key in ("d1", "d2")}

    items = [{"id": key, "method": "POST", "url": url} for key, url in urls.items()]
    content = http.post(f"{graph.endpoint}/v1.0/$batch", json={"requests": items}).json()

    answers = {response["id"]: response for response in content["responses"]}
    assert (answers["d1"]["status"], answers["d2"]["status"]) == (429, 204)
    assert answers["d1"]["headers"]["retry-after"] == "7"
    assert unassign(http, graph).status_code == 204


def test_a_web_page_comes_with_200(start: Start, http: httpx.Client) -> None:
    graph = start()
    graph.faults.add(When(path=LIST), Garble("html"))

    answer = http.get(graph.endpoint + DEVICES)

    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert answer.text.startswith("<!DOCTYPE html>")


def test_json_can_end_in_the_middle(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=ONE_DEVICE), Garble("truncated"))

    answer = http.get(f"{graph.endpoint}{DEVICES}/d1")

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_an_object_can_come_in_a_list(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=ONE_DEVICE), Garble("list"))

    assert http.get(f"{graph.endpoint}{DEVICES}/d1").json()[0]["id"] == "d1"


def test_a_device_is_reassigned_between_the_scan_and_the_get(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", user_principal_name=ADA))
    graph.faults.add(When(path=LIST, last=1), Reassign("d1", BOB))

    listed = http.get(graph.endpoint + DEVICES).json()["value"][0]
    single = http.get(f"{graph.endpoint}{DEVICES}/d1").json()

    assert (listed["userPrincipalName"], single["userPrincipalName"]) == (ADA, BOB)


def test_anything_can_happen_to_the_tenant_after_a_call(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=ONE_DEVICE, last=1), Afterwards(lambda tenant: tenant.remove("d1")))

    statuses = [http.get(f"{graph.endpoint}{DEVICES}/d1").status_code for _ in range(2)]

    assert statuses == [200, 404]


def test_cleared_rules_strike_no_more(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(), Status(500))

    graph.faults.clear()

    assert unassign(http, graph).status_code == 204
