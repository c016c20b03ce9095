"""When a list is complete, and when it is not to be believed."""

from collections.abc import Mapping
from typing import Any

import pytest

from shared.domain.errors import GraphUnavailable
from shared.graph import clouds, paging

PATH = "/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"


def link(name: object) -> str:
    return f"https://graph.microsoft.com{PATH}?$skiptoken={name}"


def page(*ids: str, to: object = None) -> dict[str, Any]:
    records = [{"id": device} for device in ids]
    return {"value": records} if to is None else {"value": records, "@odata.nextLink": to}


class Pages:
    """Pages by link, the first one by None; `read` is what was asked for."""

    def __init__(self, pages: Mapping[str | None, Mapping[str, Any]]) -> None:
        self.pages = pages
        self.read: list[str | None] = []

    async def __call__(self, link: str | None) -> Mapping[str, Any]:
        self.read.append(link)
        return self.pages[link]


async def ids(pages: Pages) -> list[str]:
    return [device.autopilot_device_id for device in await paging.collect(pages, clouds.GLOBAL)]


async def test_all_pages_are_read_in_order() -> None:
    pages = Pages({None: page("1", "2", to=link(2)), link(2): page("3", to=link(3)), link(3): page("4")})

    assert await ids(pages) == ["1", "2", "3", "4"]
    assert pages.read == [None, link(2), link(3)]


async def test_an_empty_list_is_a_list() -> None:
    assert await ids(Pages({None: page()})) == []


async def test_an_empty_page_is_not_the_end() -> None:
    assert await ids(Pages({None: page("1", to=link(2)), link(2): page(to=link(3)), link(3): page("3")})) == ["1", "3"]


async def test_a_device_on_two_pages_is_one_as_the_later_page_gave_it() -> None:
    newer = {"value": [{"id": "1", "groupTag": "new"}]}
    devices = await paging.collect(Pages({None: page("1", "2", to=link(2)), link(2): newer}), clouds.GLOBAL)

    assert [(device.autopilot_device_id, device.group_tag) for device in devices] == [("1", "new"), ("2", None)]


async def test_a_link_that_repeats_ends_the_scan() -> None:
    pages = Pages({None: page("1", to=link(2)), link(2): page("2", to=link(3)), link(3): page("3", to=link(2))})

    with pytest.raises(GraphUnavailable, match=r"trusted: a page leads to one that was read before$"):
        await ids(pages)


@pytest.mark.parametrize(
    "to",
    [
        f"https://attacker.example{PATH}",
        f"http://graph.microsoft.com{PATH}",
        f"https://graph.microsoft.com:8443{PATH}",
        f"https://graph.microsoft.us{PATH}",
        "https://graph.microsoft.com/beta/deviceManagement/windowsAutopilotDeviceIdentities",
        "https://graph.microsoft.com/v1.0",
        "https://graph.microsoft.com/v1.0/../beta/deviceManagement/windowsAutopilotDeviceIdentities",
        "https://graph.microsoft.com/v1.0/x\ud800",
        PATH,
        "",
        7,
        [link(2)],
    ],
    ids=ascii,
)
async def test_rule_10_a_link_that_leads_elsewhere_is_not_followed(to: object) -> None:
    pages = Pages({None: page("1", to=to)})

    with pytest.raises(GraphUnavailable, match=r"trusted: a page leads somewhere else than to graph's v1.0$"):
        await ids(pages)
    assert pages.read == [None]


@pytest.mark.parametrize("again", [[], ["1"]], ids=["empty pages", "the same device"])
async def test_pages_that_bring_nothing_new_are_borne_for_a_while_only(again: list[str]) -> None:
    last = 5
    pages: dict[str | None, Any] = {None: page("1", to=link(1))}
    pages |= {link(number): page(*again, to=link(number + 1)) for number in range(1, last + 1)}

    assert await ids(Pages({**pages, link(last + 1): page("2")})) == ["1", "2"]
    with pytest.raises(GraphUnavailable, match=r"trusted: page after page brings nothing new$"):
        await ids(Pages({**pages, link(last + 1): page(*again, to=link(last + 2))}))


async def test_a_list_may_begin_with_as_many_empty_pages() -> None:
    last = 5
    pages: dict[str | None, Any] = {link(number): page(to=link(number + 1)) for number in range(1, last)}

    assert await ids(Pages({None: page(to=link(1)), **pages, link(last): page("2")})) == ["2"]


async def test_a_list_without_end_is_given_up() -> None:
    pages: dict[str | None, Any] = {link(number): page(str(number), to=link(number + 1)) for number in range(2_000)}
    reader = Pages({None: page("first", to=link(0)), **pages})

    with pytest.raises(GraphUnavailable, match="more than 1000 pages"):
        await ids(reader)
    assert len(reader.read) == paging.MAX_PAGES


@pytest.mark.parametrize("content", [{}, {"value": None}, {"value": {}}, {"value": ["1"]}, {"value": [None]}], ids=str)
async def test_a_page_of_another_shape_ends_the_scan(content: dict[str, Any]) -> None:
    with pytest.raises(GraphUnavailable, match=r"trusted: a page holds no list of records$"):
        await ids(Pages({None: content}))


async def test_a_link_stays_out_of_the_text() -> None:
    with pytest.raises(GraphUnavailable) as raised:
        await ids(Pages({None: page(to="https://attacker.example/?$filter=contains(serialNumber,'SN-1')")}))

    assert "SN-1" not in str(raised.value)
