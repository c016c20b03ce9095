"""A list of devices, page by page, and when not to believe it. Knows nextLinks; how a page is read is passed in.

Intune has returned the same item, or the same link, for ever. A list that is read in part would hide a leaver's device, so
a list whose paging goes wrong is given to nobody.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

from shared.domain.device import AutopilotDevice
from shared.domain.errors import GraphUnavailable
from shared.domain.identifiers import AutopilotDeviceId
from shared.graph import reading
from shared.graph.clouds import Cloud

MAX_PAGES: Final = 1_000
MAX_FRUITLESS_PAGES: Final = 5
"""How many pages in a row may bring no device that wasn't there before; an empty page is not the end of a list."""
_DETOURS: Final = frozenset({".", ".."})

type ReadPage = Callable[[str | None], Awaitable[Mapping[str, Any]]]
"""Reads the page at a link, the first one for None."""


async def collect(read: ReadPage, cloud: Cloud) -> Sequence[AutopilotDevice]:
    """All devices of a list, each id once, as its last page gave it.

    Raises GraphUnavailable for a link that repeats, leads away from the cloud or goes on too long, and what `read` raises.
    """
    found: dict[AutopilotDeviceId, AutopilotDevice] = {}
    followed: set[str] = set()
    link: str | None = None
    fruitless = 0
    for _ in range(MAX_PAGES):
        page = await read(link)
        before = len(found)
        for device in _devices(page):
            found[device.autopilot_device_id] = device
        fruitless = fruitless + 1 if len(found) == before else 0
        link = _next_link(page, cloud)
        if link is None:
            return list(found.values())
        if link in followed:
            raise _distrusted("a page leads to one that was read before")
        if fruitless > MAX_FRUITLESS_PAGES:
            raise _distrusted("page after page brings nothing new")
        followed.add(link)
    raise _distrusted(f"it has more than {MAX_PAGES} pages")


def _devices(page: Mapping[str, Any]) -> list[AutopilotDevice]:
    records = page.get("value")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise _distrusted("a page holds no list of records")
    return [reading.device(record) for record in records]


def _next_link(page: Mapping[str, Any], cloud: Cloud) -> str | None:
    link = page.get("@odata.nextLink")
    if link is None:
        return None
    if not isinstance(link, str) or not _leads_home(link, cloud):
        raise _distrusted("a page leads somewhere else than to graph's v1.0")
    return link


def _leads_home(link: str, cloud: Cloud) -> bool:
    """Whether it is a URL of this Graph's v1.0, by no detour; half of a surrogate pair, which JSON can hold, is part of none."""
    if not link.isprintable() or not cloud.holds(link):
        return False
    path = urlsplit(link).path
    return path.startswith("/v1.0/") and _DETOURS.isdisjoint(path.split("/"))


def _distrusted(why: str) -> GraphUnavailable:
    """The link itself stays out of the text: it can hold a serial number."""
    return GraphUnavailable(f"the scan could not be trusted: {why}")
