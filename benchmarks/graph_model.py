"""The emulated Graph, called directly: no network but the time that it takes. Knows nothing of messages."""

import asyncio
import random
from collections.abc import Callable
from datetime import datetime
from typing import Final

from emulators.graph.access import Access
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import Quota
from emulators.graph.service import GraphService
from emulators.graph.tenant import Device, Tenant
from shared.graph import clouds
from shared.graph.response import Response
from tests import graph_values
from tests.graph_values import Asked, Requests
from tests.virtual_time import VirtualClock

GRAPH_SECONDS: Final = (0.2, 0.5)


class Refused(Exception):
    """The model answered with another status than 2xx, which is the text."""


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
            Operations(self.tenant, self.clock, Behaviour()), self.clock, Access(self.clock, graph_values.TOKEN), quota
        )
        self.requests = Requests()
        self.cloud = clouds.at(graph_values.ROOT)
        self.http_requests = 0
        self.operations = 0
        self.throttled = 0
        self.writes: list[float] = []
        self._chance = chance

    async def exchange(self, asked: Asked, _send_by: datetime | None = None) -> Response:
        """One HTTP request."""
        self.http_requests += 1
        await asyncio.sleep(self._chance.uniform(*GRAPH_SECONDS) / 2)
        answer = graph_values.answer(asked, self._operate)
        await asyncio.sleep(self._chance.uniform(*GRAPH_SECONDS) / 2)
        return graph_values.response(answer)

    async def read(self, asked: Asked) -> Response:
        """One HTTP request; raises Refused unless it succeeds."""
        response = await self.exchange(asked)
        if not response.succeeded:
            raise Refused(str(response.status))
        return response

    def neighbour_writes(self) -> None:
        """Somebody else who calls as the same app writes once."""
        self.service.throttle(graph_values.request_to("POST", "deviceManagement/somewhere/else"))

    def _operate(self, request: GraphRequest) -> Answer:
        self.operations += 1
        refused = self.service.throttle(request)
        self.throttled += refused is not None
        if refused is None and request.method == "POST":
            self.writes.append(asyncio.get_running_loop().time())
        return refused or self.service.answer(request)


def user_of(number: int) -> str:
    """The user of a device by its number."""
    return f"leaver{number}@contoso.example"
