from collections.abc import Callable
from typing import Any, Literal

import httpx
import pytest

from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import LIST, NextLink, When
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
URL = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"


def read(http: httpx.Client, url: str) -> tuple[list[str], str]:
    content: dict[str, Any] = http.get(url).raise_for_status().json()
    return [device["id"] for device in content["value"]], content.get("@odata.nextLink", "")


def test_a_page_links_to_itself(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=LIST), NextLink("repeated"))

    entries, link = read(http, graph.endpoint + URL)

    assert (entries, link) == (["d1"], graph.endpoint + URL)
    assert read(http, link) == (entries, link)


@pytest.mark.parametrize("empty", [False, True])
def test_links_are_new_for_ever(start: Start, http: httpx.Client, empty: bool) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=LIST), NextLink("endless", empty=empty))

    links, url = set(), graph.endpoint + URL
    for _ in range(10):
        entries, url = read(http, url)
        links.add(url)
        assert entries == ([] if empty else ["d1"])

    assert len(links) == 10


def test_a_link_leads_to_another_host(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=LIST), NextLink("foreign", host="http://127.0.0.1:9"))

    _, link = read(http, graph.endpoint + URL)

    assert link == "http://127.0.0.1:9" + URL


def test_an_empty_page_comes_before_a_good_one(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"), Device(id="d2"), page_size=1)
    graph.faults.add(When(path=LIST, first=2, last=2), NextLink("endless", empty=True))

    pages, url = [], graph.endpoint + URL
    while url:
        entries, url = read(http, url)
        pages.append(entries)

    assert pages == [["d1"], [], ["d2"]]


@pytest.mark.parametrize("to", ["repeated", "endless", "foreign"])
def test_a_bad_link_can_come_in_a_batch(
    start: Start, http: httpx.Client, to: Literal["repeated", "endless", "foreign"]
) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(path=LIST, batch_item=True), NextLink(to))
    item = {"id": "1", "method": "GET", "url": URL.removeprefix("/v1.0")}

    content = http.post(f"{graph.endpoint}/v1.0/$batch", json={"requests": [item]}).json()

    assert "@odata.nextLink" in content["responses"][0]["body"]


def test_what_is_no_page_has_no_link(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))
    graph.faults.add(When(), NextLink("repeated"))

    assert "@odata.nextLink" not in http.get(f"{graph.endpoint}{URL}/d1").json()
    assert http.post(f"{graph.endpoint}{URL}/d1/unassignUserFromDevice").status_code == 204
