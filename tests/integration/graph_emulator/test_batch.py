from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device
from emulators.identity import tokens

Start = Callable[..., GraphEmulator]
LIST = "/deviceManagement/windowsAutopilotDeviceIdentities"


def unassign(number: int) -> dict[str, Any]:
    url = f"{LIST}/d{number}/unassignUserFromDevice"
    return {
        "id": str(number),
        "method": "POST",
        "url": url,
        "headers": {"Content-Type": "application/json"},
        "body": {},
    }


def assigned(count: int) -> list[Device]:
    return [Device(id=f"d{number}", user_principal_name="ada@contoso.example") for number in range(count)]


def send(http: httpx.Client, graph: GraphEmulator, items: Sequence[Any], version: str = "v1.0") -> httpx.Response:
    return http.post(f"{graph.endpoint}/{version}/$batch", json={"requests": items})


def responses(answer: httpx.Response) -> dict[str, dict[str, Any]]:
    return {response["id"]: response for response in answer.json()["responses"]}


def test_twenty_items_are_done_in_one_call(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(20))

    answer = send(http, graph, [unassign(number) for number in range(20)])

    assert answer.status_code == 200
    assert {response["status"] for response in responses(answer).values()} == {204}
    assert {device.user_principal_name for device in graph.tenant.devices.values()} == {""}


def test_the_answers_come_in_another_order(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(3))

    answer = send(http, graph, [unassign(number) for number in range(3)])

    assert [response["id"] for response in answer.json()["responses"]] == ["2", "1", "0"]


def test_each_item_has_a_status_of_its_own(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(1))
    read = {"id": "r", "method": "GET", "url": f"{LIST}/d0"}

    answers = responses(send(http, graph, [read, unassign(7)]))

    assert answers["r"]["status"] == 200
    assert answers["r"]["body"]["userPrincipalName"] == "ada@contoso.example"
    assert answers["r"]["headers"]["Content-Type"] == "application/json"
    assert answers["7"]["status"] == 404
    assert answers["7"]["body"]["error"]["code"] == "ResourceNotFound"


def test_an_item_without_headers_and_body_is_done(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(1))
    bare = {"id": "0", "method": "POST", "url": f"{LIST}/d0/unassignUserFromDevice"}

    assert responses(send(http, graph, [bare]))["0"]["status"] == 204


def test_a_list_inside_a_batch_has_an_absolute_link(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(2), page_size=1)
    item = {"id": "l", "method": "GET", "url": f"{LIST}?$filter=contains(serialNumber,'')"}

    link = responses(send(http, graph, [item]))["l"]["body"]["@odata.nextLink"]

    assert link.startswith(f"{graph.endpoint}/v1.0{LIST}?")
    assert [device["id"] for device in http.get(link).json()["value"]] == ["d1"]


def test_the_batchs_version_is_its_items_version(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d0", resource_name="room"), strict=False)
    item = {"id": "0", "method": "POST", "url": f"{LIST}/d0/unassignResourceAccountFromDevice"}

    statuses = {version: responses(send(http, graph, [item], version))["0"]["status"] for version in ("v1.0", "beta")}

    assert statuses == {"v1.0": 501, "beta": 204}


@pytest.mark.parametrize(
    "items",
    [
        [unassign(number) for number in range(21)],
        [unassign(1), unassign(1)],
        [],
        ["text"],
        [{"method": "GET", "url": LIST}],
        [{"id": 1, "method": "GET", "url": LIST}],
    ],
    ids=["21 items", "an id twice", "no items", "no object", "no id", "an id that is a number"],
)
def test_a_batch_against_the_rules_is_refused_as_a_whole(start: Start, http: httpx.Client, items: list[Any]) -> None:
    graph = start(*assigned(21))

    answer = send(http, graph, items)

    assert answer.status_code == 400
    assert [call.path for call in graph.calls] == ["/$batch"]
    assert graph.tenant.devices["d1"].user_principal_name == "ada@contoso.example"


@pytest.mark.parametrize(
    "item",
    [
        {"method": "GET", "url": f"https://graph.microsoft.com/v1.0{LIST}"},
        {"method": "GET", "url": f"/{LIST}"},
        {"method": "POST", "url": "/$batch"},
        {"method": "POST", "url": f"{LIST}/d0/unassignUserFromDevice", "body": {}},
    ],
    ids=["absolute", "double slash", "nested", "body without its type"],
)
def test_an_item_against_the_rules_is_refused_alone(start: Start, http: httpx.Client, item: dict[str, Any]) -> None:
    graph = start(*assigned(2))

    answers = responses(send(http, graph, [{"id": "bad", **item}, unassign(1)]))

    assert {key: response["status"] for key, response in answers.items()} == {"bad": 400, "1": 204}


def test_a_dependent_item_is_more_than_the_emulator_knows(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(2), strict=False)

    answer = send(http, graph, [unassign(0), unassign(1) | {"dependsOn": ["0"]}])

    assert answer.status_code == 501
    assert [call.path for call in graph.unexpected] == ["/$batch"]


def test_calls_show_the_batch_and_its_items(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(2))
    send(http, graph, [unassign(0), unassign(1)])
    send(http, graph, [unassign(0)])

    whole = [call for call in graph.calls if call.batch_id is None]
    items = [(call.batch_id, call.path.split("/")[3], call.status) for call in graph.calls if call.batch_id]

    assert [(call.path, call.status) for call in whole] == [("/$batch", 200), ("/$batch", 200)]
    assert items == [("1", "d0", 204), ("1", "d1", 204), ("2", "d0", 204)]


def test_a_batch_needs_a_token(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(1), token="eyJhbm90aGVy.e30.YW5v")

    assert send(http, graph, [unassign(0)]).status_code == 401


def test_each_item_needs_its_permission(start: Start, http: httpx.Client) -> None:
    graph = start(*assigned(1), token=None)
    token = tokens.issue(graph.endpoint, datetime(2100, 1, 1, tzinfo=UTC), ["DeviceManagementServiceConfig.Read.All"])
    read = {"id": "r", "method": "GET", "url": f"{LIST}/d0"}

    content = {"requests": [read, unassign(0)]}
    answer = httpx.post(f"{graph.endpoint}/v1.0/$batch", json=content, headers={"Authorization": f"Bearer {token}"})

    assert {key: response["status"] for key, response in responses(answer).items()} == {"r": 200, "0": 403}
