"""Graph and Service Bus as models in virtual time, and whole processes of the service between them.

The service's own processor, handlers, permits, batches and pacing run as they are; so do the emulated Graph's throttling and
operations. What is modelled is the network (each call takes `GRAPH_SECONDS` and the like) and the broker.
"""

import asyncio
import heapq
import itertools
import json
import random
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

from emulators.graph import batch as graph_batch
from emulators.graph.access import Access
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.operations import Behaviour, Operations
from emulators.graph.quota import Quota
from emulators.graph.service import GraphService
from emulators.graph.tenant import Device, Tenant
from shared import ports
from shared.domain.guard import Guard
from shared.domain.history import Entry
from shared.domain.identifiers import EventId
from shared.graph import clouds
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.batch import Item
from shared.graph.pacing import Pace
from shared.graph.permits import SharedPermits
from shared.graph.response import Response
from shared.handlers import Handlers
from shared.keyed_locks import KeyedLocks
from shared.leavers import Leavers
from shared.messaging.conclusion import Conclusion
from shared.messaging.copies import ScheduledCopy
from shared.messaging.incoming import IncomingMessage
from shared.messaging.outcome import Publication
from shared.messaging.settlement import Abandon, Complete, DeadLetter
from shared.processor import Processor, Rules
from shared.unassigning import Unassigner
from tests import builders
from tests.fakes_journal import InMemoryJournal
from tests.fakes_quota import InMemoryQuotaRecord
from tests.virtual_time import VirtualClock

ROOT: Final = "http://127.0.0.1:1"
GRAPH_SECONDS: Final = (0.2, 0.5)
STORAGE_SECONDS: Final = 0.01
BROKER_SECONDS: Final = 0.02
CONCURRENCY: Final = 32
_TOKEN: Final = "model"


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to the modelled Graph."""

    method: str
    url: str
    body: Any = None


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


@dataclass(slots=True)
class Broker:
    """A queue with scheduled messages; every message that is due goes to the next process with room."""

    offboarding: bool = False
    ended: dict[str, str] = field(default_factory=dict)
    held: list[float] = field(default_factory=list)
    deliveries: int = 0
    last_attempt: int = 1
    _due: list[tuple[float, int, builders.Trigger]] = field(default_factory=list)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    def send(self, trigger: builders.Trigger, at: float = 0.0) -> None:
        """Enqueue a message, now or later."""
        heapq.heappush(self._due, (at, next(self._numbers), trigger))
        self._changed.set()

    async def next(self) -> builders.Trigger:
        """Wait for the next message that is due; for one caller at a time."""
        loop = asyncio.get_running_loop()
        while not self._due or self._due[0][0] > loop.time():
            wait = self._due[0][0] - loop.time() if self._due else 3600
            self._changed.clear()
            try:
                async with asyncio.timeout(wait):
                    await self._changed.wait()
            except TimeoutError:
                continue
        return heapq.heappop(self._due)[2]

    async def settle(self, message: IncomingMessage, settlement: Complete | Abandon | DeadLetter) -> None:
        """As ports.Settler."""
        await asyncio.sleep(BROKER_SECONDS)
        if isinstance(settlement, DeadLetter):
            self.ended[message.original_message_id] = settlement.reason.value
        elif isinstance(settlement, Abandon):
            self.ended[message.original_message_id] = "abandoned"

    async def schedule(self, copy: ScheduledCopy) -> None:
        """As ports.Settler."""
        await asyncio.sleep(BROKER_SECONDS)
        at = (copy.enqueue_at - VirtualClock().now()).total_seconds() + asyncio.get_running_loop().time()
        self.last_attempt = max(self.last_attempt, int(copy.application_properties["attempt"]))
        self.send(builders.delivery(copy), at)

    async def publish(self, publication: Publication) -> None:
        """As ports.OutcomePublisher."""
        await asyncio.sleep(BROKER_SECONDS)
        data = json.loads(publication.document)["data"]
        self.ended[data["eventId"]] = data["outcome"]


class SlowJournal:
    """A journal in memory for each event, as slow as storage."""

    def __init__(self) -> None:
        self._events: defaultdict[str, InMemoryJournal] = defaultdict(InMemoryJournal)

    async def read(self, event_id: EventId) -> ports.Record:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        return await self._events[event_id].read(event_id)

    async def append(self, entry: Entry) -> None:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        await self._events[entry.event_id].append(entry)

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """As ports.Journal."""
        await asyncio.sleep(STORAGE_SECONDS)
        return await self._events[conclusion.event_id].conclude(conclusion)


def process(graph: GraphModel, broker: Broker, record: InMemoryQuotaRecord, journal: SlowJournal) -> Processor:
    """One process of the service, wired as bootstrap does."""
    clock, client = graph.clock, graph
    events, devices_in_hand = KeyedLocks(), KeyedLocks()
    permits = SharedPermits(record, clock=clock, max_wait=timedelta(seconds=10))
    devices = GraphAutopilotDevices(
        client,  # type: ignore[arg-type]  # the model of it
        clock=clock,
        directory_max_age=timedelta(seconds=60),
        pace=Pace(clock, permits),
        in_hand=lambda: max(len(events), len(devices_in_hand)),
    )
    guard = Guard(max_devices_per_user=10)
    unassigner = Unassigner(
        devices=devices,
        journal=journal,
        clock=clock,
        guard=guard,
        verify_after=timedelta(minutes=10),
        permits=permits,
        in_hand=devices_in_hand,
    )
    return Processor(
        handlers=Handlers(
            devices=devices,
            leavers=Leavers(None),
            unassigner=unassigner,
            guard=guard,
            allow_resource_account=False,
            permits=permits,
        ),
        journal=journal,
        publisher=broker,
        settler=broker,
        clock=clock,
        jitter=random.Random(1).random,
        pseudonym=lambda _: "x",
        rules=Rules(dry_run=False, message_max_age=timedelta(days=7), recoverability=builders.POLICY),
        user_offboarding_queue=builders.OFFBOARDING,
        device_retirement_queue=builders.RETIREMENT,
        in_hand=events,
    )


async def run_until_ended(processors: Sequence[Processor], broker: Broker, messages: int) -> float:
    """Let the processes work until all messages have ended; the seconds that took."""
    loop = asyncio.get_running_loop()
    idle: asyncio.Queue[Processor] = asyncio.Queue()
    for _ in range(CONCURRENCY):
        for processor in processors:
            idle.put_nowait(processor)

    async def handle(processor: Processor, trigger: builders.Trigger) -> None:
        begun = loop.time()
        await asyncio.sleep(BROKER_SECONDS)
        await (processor.user_offboarding if broker.offboarding else processor.device_retirement)(trigger)
        broker.deliveries += 1
        broker.held.append(loop.time() - begun)
        idle.put_nowait(processor)

    async def deliver() -> None:
        async with asyncio.TaskGroup() as group:
            while True:
                processor = await idle.get()
                group.create_task(handle(processor, await broker.next()))

    delivering = asyncio.create_task(deliver())
    while len(broker.ended) < messages:
        await asyncio.sleep(0.1)
        if delivering.done():
            delivering.result()
    seconds = loop.time()
    delivering.cancel()
    await asyncio.wait([delivering])
    return seconds
