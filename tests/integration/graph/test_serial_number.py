"""Devices by serial number: exactly that one, or none."""

import pytest

from emulators.graph.faults import LIST, Status, When
from emulators.graph.tenant import Device
from shared.domain.errors import GraphPermissionDenied, GraphUnavailable
from shared.domain.identifiers import SerialNumber
from tests.integration.graph.conftest import Site, Start


def devices(*serial_numbers: str) -> list[Device]:
    return [Device(id=f"d{number}", serial_number=text) for number, text in enumerate(serial_numbers)]


async def ids(site: Site, serial_number: str) -> list[str]:
    return [device.autopilot_device_id for device in await site.devices.with_serial_number(SerialNumber(serial_number))]


def filters(site: Site) -> list[str]:
    return [call.query.get("$filter", "") for call in site.graph.calls]


async def test_one_that_merely_contains_it_is_left_out(start: Start) -> None:
    site = await start(*devices("SN1", "SN10", "XSN1", "sn1"))

    assert await ids(site, "SN1") == ["d0", "d3"]
    assert filters(site) == ["contains(serialNumber,'SN1')"]


async def test_all_pages_of_the_filtered_list_are_read(start: Start) -> None:
    site = await start(*devices("SN10", "SN11", "SN12", "SN1"), page_size=1)

    assert await ids(site, "SN1") == ["d3"]
    assert len(site.asked) == 4


@pytest.mark.parametrize(
    ("serial_number", "part"),
    [
        ("VMware-56 4d aaBB", "VMware"),
        ("5CG-1234-XYZ", "1234"),
        (" PF1 ", "PF1"),
        ("O'NEIL-1", "O''NEIL"),
        ("A&B#C+D", "A&B#C+D"),
        ("Ä1", "Ä1"),
    ],
)
async def test_the_filter_gets_the_longest_part_without_spaces_and_hyphens(
    start: Start, serial_number: str, part: str
) -> None:
    site = await start(*devices(serial_number.strip(), f"{serial_number.strip()}0"))

    assert await ids(site, serial_number) == ["d0"]
    assert filters(site) == [f"contains(serialNumber,'{part}')"]


@pytest.mark.parametrize("nothing", ["", "  ", "- -"])
async def test_a_serial_number_of_nothing_matches_nothing_and_asks_nothing(start: Start, nothing: str) -> None:
    site = await start(*devices("", "SN1"))

    assert await ids(site, nothing) == []
    assert site.asked == []


async def test_where_graph_refuses_the_filter_the_whole_list_serves(start: Start) -> None:
    site = await start(*devices("SN1", "SN10"))
    site.graph.faults.add(When(path="$filter"), Status(400))

    assert await ids(site, "SN1") == ["d0"]
    assert await ids(site, "SN10") == ["d1"]
    assert filters(site) == ["contains(serialNumber,'SN1')", "", "contains(serialNumber,'SN10')"]


@pytest.mark.parametrize(("status", "error"), [(500, GraphUnavailable), (403, GraphPermissionDenied)])
async def test_any_other_failure_is_no_reason_to_scan(start: Start, status: int, error: type[Exception]) -> None:
    site = await start(*devices("SN1"))
    site.graph.faults.add(When(path=LIST), Status(status))

    with pytest.raises(error):
        await ids(site, "SN1")
    assert len(site.asked) == 1


async def test_small_letters_are_looked_up_in_the_list_where_the_filter_finds_none(start: Start) -> None:
    site = await start(*devices("SN-ABC"))
    site.graph.faults.add(When(path="$filter"), Status(200, body={"value": []}))  # a Graph whose filter minds case

    assert await ids(site, "sn-abc") == ["d0"]


async def test_capital_letters_that_the_filter_does_not_find_need_no_list(start: Start) -> None:
    site = await start(*devices("SN-ABC"))

    assert await ids(site, "SN-XYZ") == []
    assert len(filters(site)) == 1
