"""The emulated Graph, called directly: no network but the time that it takes. Knows nothing of messages."""

import asyncio
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from emulators.graph import batch as graph_batch
from emulators.graph.access import Access
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import Quota
from emulators.graph.service import GraphService
from emulators.graph.tenant import Device, Tenant
from shared.graph import clouds
from shared.graph.batch import Item
from shared.graph.response import Response
from tests.virtual_time import VirtualClock

ROOT: Final = "http://127.0.0.1:1"
GRAPH_SECONDS: Final = (0.2, 0.5)
_TOKEN: Final = "model"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the modelled Graph."""

    method: str
    url: str
    body: Any = None


class Refused(Exception):
    """The model answered with another status than 2xx, which is the text."""


class Requests:
    """What can be asked, without the library: the paths of shared.graph.requests."""

    def device(self, device: str) -> Asked:
        """GET one device."""
        return Asked("GET", f"{ROOT}/v1.0/deviceManagement/windowsAutopilotDeviceIdentities/{device}")

    def devices(self) -> Asked:
        """GET the first page."""
        return Asked("GET", f"{ROOT}/v1.0/deviceManagement/windowsAutopilotDeviceIdentities")

    def page(self, link: str) -> Asked:
        """GET a further page."""
        return Asked("GET", link)

    def unassign_user(self, device: str) -> Asked:
        """POST the action."""
        return Asked("POST", f"{self.device(device).url}/unassignUserFromDevice")

    def as_item(self, request: Asked, api_version: str) -> Item:
        """A request as an item."""
        return Item(request.method, request.url.removeprefix(f"{ROOT}/{api_version}"))

    def batch(self, api_version: str, body: bytes) -> Asked:
        """POST several as one."""
        return Asked("POST", f"{ROOT}/{api_version}/$batch", json.loads(body))


class GraphModel:
    """The emulated Graph, called directly; counts HTTP requests and operations, and how they were answered."""

    def __init__(
        self, devices: int, quota: Quota | None, chance: random.Random, names: Callable[[int], str] | None = None
    ) -> None:
        self.ids = [f"7e8d0f4c-0000-4000-8000-{number:012}" for number in range(devices)]
        self.clock = VirtualClock()
        self.tenant = Tenant(
            Device(id=each, user_principal_name=(names or user_of)(n)) for n, each in enumerate(self.ids)
        )
        self.service = GraphService(
            Operations(self.tenant, self.clock, Behaviour()), self.clock, Access(self.clock, _TOKEN), quota
        )
        self.requests = Requests()
        self.cloud = clouds.at(ROOT)
        self.http_requests = 0
        self.operations = 0
        self.throttled = 0
        self.writes: list[float] = []
        self._chance = chance

    async def exchange(self, asked: Asked) -> Response:
        """One HTTP request."""
        self.http_requests += 1
        await asyncio.sleep(self._chance.uniform(*GRAPH_SECONDS) / 2)
        answer = self._answer(asked)
        await asyncio.sleep(self._chance.uniform(*GRAPH_SECONDS) / 2)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status, headers, answer.text().encode())

    async def read(self, asked: Asked) -> Response:
        """One HTTP request; raises Refused unless it succeeds."""
        response = await self.exchange(asked)
        if not response.succeeded:
            raise Refused(str(response.status))
        return response

    def neighbour_writes(self) -> None:
        """Somebody else who calls as the same app writes once."""
        self.service.throttle(_request("POST", "deviceManagement/somewhere/else"))

    def _answer(self, asked: Asked) -> Answer:
        version, _, path = asked.url.removeprefix(f"{ROOT}/").partition("/")
        assert version == "v1.0"
        request = _request(asked.method, path, asked.body)
        if not path.startswith("$batch"):
            return self._operate(request)
        items = graph_batch.items(request, "1")
        assert not isinstance(items, Answer)
        return graph_batch.answer([(item, self._operate(item.request)) for item in items])

    def _operate(self, request: GraphRequest) -> Answer:
        self.operations += 1
        refused = self.service.throttle(request)
        self.throttled += refused is not None
        if refused is None and request.method == "POST":
            self.writes.append(asyncio.get_running_loop().time())
        return refused or self.service.answer(request)


def _request(method: str, path: str, body: Any = None) -> GraphRequest:
    path, _, query = path.partition("?")
    parameters = dict(part.split("=", 1) for part in query.split("&") if part)
    return GraphRequest(
        root=ROOT,
        api_version="v1.0",
        method=method,
        segments=tuple(path.split("/")),
        query={name.replace("%24", "$"): value for name, value in parameters.items()},
        headers={"authorization": f"Bearer {_TOKEN}"},
        body=body,
    )


def user_of(number: int) -> str:
    """The user of a device by its number."""
    return f"leaver{number}@contoso.example"
