import time
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from emulators.clock import ManualClock
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device

Start = Callable[..., GraphEmulator]
LIST = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"


def numbered(count: int) -> list[Device]:
    return [Device(id=f"d-{number:05}", serial_number=f"SN{number:05}") for number in range(count)]


def read_all(http: httpx.Client, url: str) -> list[list[str]]:
    pages = []
    while url:
        content = http.get(url).raise_for_status().json()
        pages.append([device["id"] for device in content["value"]])
        url = content.get("@odata.nextLink", "")
    return pages


def test_a_device_is_shown_with_graphs_names(start: Start, http: httpx.Client) -> None:
    device = Device(
        id="d1",
        serial_number="SN1",
        user_principal_name="ada@contoso.example",
        addressable_user_name="Ada",
        resource_name="room-1",
        group_tag="Lab",
        managed_device_id="m1",
        entra_device_id="e1",
        display_name="PC-1",
        model="L14",
        manufacturer="LENOVO",
    )
    graph = start(device)

    shown = http.get(f"{graph.endpoint}{LIST}/d1").json()

    expected = {
        "id": "d1",
        "serialNumber": "SN1",
        "userPrincipalName": "ada@contoso.example",
        "addressableUserName": "Ada",
        "resourceName": "room-1",
        "groupTag": "Lab",
        "managedDeviceId": "m1",
        "azureActiveDirectoryDeviceId": "e1",
        "displayName": "PC-1",
        "model": "L14",
        "manufacturer": "LENOVO",
    }
    assert expected.items() <= shown.items()
    assert "azureAdDeviceId" not in shown


def test_beta_shows_more_than_v1(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", entra_device_id="e1"))

    shown = http.get(f"{graph.endpoint}{LIST.replace('v1.0', 'beta')}/d1").json()

    assert shown["azureAdDeviceId"] == "e1"


def test_only_a_get_by_id_says_when_the_device_was_last_contacted(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1", last_contacted="2026-03-01T00:00:00Z"))

    listed = http.get(graph.endpoint + LIST).json()["value"][0]
    single = http.get(f"{graph.endpoint}{LIST}/d1").json()

    assert listed["lastContactedDateTime"] == "0001-01-01T00:00:00Z"
    assert single["lastContactedDateTime"] == "2026-03-01T00:00:00Z"


def test_an_unknown_id_is_404_in_graphs_shape(start: Start, http: httpx.Client) -> None:
    graph = start()

    answer = http.get(f"{graph.endpoint}{LIST}/gone")

    assert answer.status_code == 404
    assert answer.json()["error"].keys() == {"code", "message", "innerError"}


def test_a_double_slash_after_the_version_is_accepted(start: Start, http: httpx.Client) -> None:
    graph = start(Device(id="d1"))

    answer = http.get(f"{graph.endpoint}/v1.0/{LIST.removeprefix('/v1.0')}/d1")

    assert answer.json()["id"] == "d1"
    assert graph.calls[0].path == "/deviceManagement/windowsAutopilotDeviceIdentities/d1"


def test_pages_follow_absolute_links_to_the_end(start: Start, http: httpx.Client) -> None:
    graph = start(*numbered(5), page_size=2)

    pages = read_all(http, graph.endpoint + LIST)

    assert pages == [["d-00000", "d-00001"], ["d-00002", "d-00003"], ["d-00004"]]


def test_a_full_last_page_has_no_link(start: Start, http: httpx.Client) -> None:
    graph = start(*numbered(4), page_size=2)

    assert [len(page) for page in read_all(http, graph.endpoint + LIST)] == [2, 2]


@pytest.mark.parametrize(("top", "length"), [("1", 1), ("2", 2), ("999", 3)])
def test_top_is_honoured_up_to_the_page_size(start: Start, http: httpx.Client, top: str, length: int) -> None:
    graph = start(*numbered(5), page_size=3)

    pages = read_all(http, f"{graph.endpoint}{LIST}?$top={top}")

    assert len(pages[0]) == length
    assert [device for page in pages for device in page] == [device.id for device in numbered(5)]


def test_a_device_that_goes_between_two_pages_hides_no_other(start: Start, http: httpx.Client) -> None:
    graph = start(*numbered(4), page_size=2)
    first = http.get(graph.endpoint + LIST).json()

    graph.tenant.remove("d-00000")
    second = http.get(first["@odata.nextLink"]).json()

    assert [device["id"] for device in second["value"]] == ["d-00002", "d-00003"]


def test_twenty_thousand_devices_page_quickly(start: Start, http: httpx.Client) -> None:
    graph = start(*numbered(20_000))

    began = time.monotonic()
    pages = read_all(http, graph.endpoint + LIST)

    assert len(pages) == 20
    assert len({device for page in pages for device in page}) == 20_000
    assert time.monotonic() - began < 30  # 0.3 s where it was written: only a quadratic scan takes this long


def test_every_answer_has_the_emulators_time(start: Start, http: httpx.Client) -> None:
    graph = start(clock=ManualClock(datetime(2026, 11, 1, 12, 30, 15, tzinfo=UTC)))

    assert http.get(f"{graph.endpoint}{LIST}").headers["Date"] == "Sun, 01 Nov 2026 12:30:15 GMT"
