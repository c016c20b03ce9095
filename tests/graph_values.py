"""Graph without a network: what can be asked, as values, and the emulator's answer to it. Knows no tenant and no time.

The paths are those of shared.graph.requests, without the library that writes them there.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Literal

from emulators.graph import batch as graph_batch
from emulators.graph.messages import Answer, GraphRequest
from shared.graph.batch import Item
from shared.graph.response import Response

ROOT: Final = "http://127.0.0.1:1"
TOKEN: Final = "eyJtb2RlbC1vZg.e30.bW9kZWw"
_DEVICES: Final = f"{ROOT}/v1.0/deviceManagement/windowsAutopilotDeviceIdentities"

type ApiVersion = Literal["v1.0", "beta"]
type Operate = Callable[[GraphRequest], Answer]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to Graph."""

    method: str
    url: str
    body: Any = None

    @property
    def batched(self) -> bool:
        """Whether it is several in one."""
        return self.url.endswith("/$batch")


class Requests:
    """What can be asked; stands for shared.graph.requests.Requests."""

    def device(self, device: str) -> Asked:
        """GET one device."""
        return Asked("GET", f"{_DEVICES}/{device}")

    def devices(self) -> Asked:
        """GET the first page."""
        return Asked("GET", _DEVICES)

    def devices_like(self, part: str) -> Asked:
        """GET the first page of those whose serial number contains this, which has letters, digits and hyphens only."""
        return Asked("GET", f"{_DEVICES}?$filter=contains(serialNumber,'{part}')")

    def page(self, link: str) -> Asked:
        """GET a further page."""
        return Asked("GET", link)

    def unassign_user(self, device: str) -> Asked:
        """POST the action."""
        return Asked("POST", f"{_DEVICES}/{device}/unassignUserFromDevice")

    def unassign_resource_account(self, device: str) -> Asked:
        """POST the action, which is on beta only."""
        url = f"{_DEVICES}/{device}/unassignResourceAccountFromDevice"
        return Asked("POST", url.replace("/v1.0/", "/beta/", 1))

    def as_item(self, request: Asked, api_version: str) -> Item:
        """A request as an item."""
        return Item(request.method, request.url.removeprefix(f"{ROOT}/{api_version}"))

    def batch(self, api_version: str, body: bytes) -> Asked:
        """POST several as one."""
        return Asked("POST", f"{ROOT}/{api_version}/$batch", json.loads(body))


def answer(asked: Asked, operate: Operate) -> Answer:
    """What Graph answers, where `operate` answers each single request."""
    request = _request(asked)
    if not asked.batched:
        return operate(request)
    items = graph_batch.items(request, "1")
    assert not isinstance(items, Answer)
    return graph_batch.answer([(item, operate(item.request)) for item in items])


def response(answer: Answer) -> Response:
    """An answer as it is read by us."""
    headers = {name.lower(): value for name, value in answer.headers.items()}
    return Response(answer.status, headers, answer.text().encode())


def request_to(
    method: str, path: str, query: str = "", body: Any = None, api_version: ApiVersion = "v1.0"
) -> GraphRequest:
    """A request as the emulator reads it, with the token that it accepts."""
    parameters = dict(part.split("=", 1) for part in query.split("&") if part)
    return GraphRequest(
        root=ROOT,
        api_version=api_version,
        method=method,
        segments=tuple(path.split("/")),
        query={name.replace("%24", "$"): value for name, value in parameters.items()},
        headers={"authorization": f"Bearer {TOKEN}"},
        body=body,
    )


def _request(asked: Asked) -> GraphRequest:
    version: ApiVersion = "beta" if asked.url.startswith(f"{ROOT}/beta/") else "v1.0"
    path, _, query = asked.url.removeprefix(f"{ROOT}/{version}/").partition("?")
    return request_to(asked.method, path, query, asked.body, version)
