from collections.abc import Callable

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
LIST = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"


def filtered(http: httpx.Client, graph: GraphEmulator, condition: str) -> httpx.Response:
    return http.get(graph.endpoint + LIST, params={"$filter": condition})


@pytest.mark.parametrize(
    ("part", "found"),
    [
        ("SN1", ["a", "b"]),
        ("n10", ["b"]),
        ("it''s", ["c"]),
        ("", ["a", "b", "c"]),
        ("SN2", []),
    ],
    ids=["substring", "whatever the case", "quote doubled", "empty fits all", "nothing"],
)
def test_contains_finds_substrings(start: Start, http: httpx.Client, part: str, found: list[str]) -> None:
    serials = {"a": "SN1", "b": "SN10", "c": "it's"}
    graph = start(*(Device(id=key, serial_number=serial) for key, serial in serials.items()))

    answer = filtered(http, graph, f"contains(serialNumber,'{part}')")

    assert [device["id"] for device in answer.json()["value"]] == found


@pytest.mark.parametrize(
    "condition",
    [
        "serialNumber eq 'SN1'",
        "userPrincipalName eq 'ada@contoso.example'",
        "contains(userPrincipalName,'ada')",
        "contains(serialNumber,'it's')",
        "contains(serialNumber,'SN1') and groupTag eq 'Lab'",
    ],
)
def test_any_other_filter_is_refused_as_intune_does(start: Start, http: httpx.Client, condition: str) -> None:
    graph = start(Device(id="a", serial_number="SN1"))

    answer = filtered(http, graph, condition)

    assert answer.status_code == 400
    assert answer.json()["error"]["code"] == "BadRequest"
    assert '"_version": 3' in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("query", "status"), [("$select=id", 500), ("$top=0", 400), ("$top=many", 400)], ids=["select", "zero", "no number"]
)
def test_a_query_that_breaks_intune_breaks_here(start: Start, http: httpx.Client, query: str, status: int) -> None:
    graph = start(Device(id="a"))

    assert http.get(f"{graph.endpoint}{LIST}?{query}").status_code == status


def test_select_breaks_a_get_by_id_too(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="a"))

    assert http.get(f"{graph.endpoint}{LIST}/a?$select=id").status_code == 500


def test_null_is_shown_where_the_tenant_says_so(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="a", user_principal_name=None, serial_number=None))

    shown = filtered(http, graph, "contains(serialNumber,'')").json()["value"][0]

    assert shown["userPrincipalName"] is None
