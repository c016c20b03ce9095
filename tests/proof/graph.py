"""Graph as one life of a process reaches it: the real adapter, above a token and exchanges that go through the injector.

Stands for shared.graph.client.GraphClient, which has tests of its own over sockets. What the invariants ask of is noted as it
happens: a read when its answer is had, a POST when it is sent, whichever batch it goes with.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.exceptions import ServiceRequestError

from emulators.graph import messages
from emulators.graph.messages import Answer, GraphRequest
from shared import ports
from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import GraphUnavailable
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber
from shared.graph import clouds, connecting
from shared.graph.response import Response
from shared.graph.tokens import PATIENCE, Tokens
from tests import graph_values
from tests.graph_values import Asked, Requests
from tests.proof.faults import Refusal
from tests.proof.injector import Life
from tests.proof.ledger import DELIVERY, Post
from tests.proof.outside import Outside

_TOKEN_LASTS: Final = timedelta(hours=1)
_EARLY: Final = timedelta(minutes=5)
"""How long before its end a token is replaced, as by azure-identity."""


class Posting:
    """The POSTs that were asked for and not sent yet: who asked is known by the device, whatever is gathered in between."""

    def __init__(self, outside: Outside) -> None:
        self._outside = outside
        self._waiting: dict[str, list[Post]] = defaultdict(list)

    @contextmanager
    def asked(self, post: Post) -> Iterator[None]:
        """Somebody asks, and waits for the answer."""
        self._waiting[post.device].append(post)
        try:
            yield
        finally:
            if post in self._waiting[post.device]:
                self._waiting[post.device].remove(post)

    def sent(self, device: str) -> Post | None:
        """It is being sent, for whoever asked first."""
        waiting, invariants = self._waiting[device], self._outside.invariants
        invariants.ledger.find(
            f"asked for: somebody waits for the POST on {device}, which was not sent yet", bool(waiting)
        )
        if not waiting:
            return None
        post = waiting.pop(0)
        post.sent_at = self._outside.clock.now()
        invariants.sent(post)
        return post


class Client:
    """What the adapter needs of GraphClient. A call that is held knows no deadline: its process stands still."""

    requests: Final = Requests()
    cloud: Final = clouds.at(graph_values.ROOT)

    def __init__(self, outside: Outside, life: Life, posting: Posting, clock: ports.Clock) -> None:
        self._outside = outside
        self._life = life
        self._posting = posting
        self._clock = clock
        self._tokens = Tokens(lambda: _Credential(outside, life), outside.clock, PATIENCE)

    async def exchange(self, asked: Asked, send_by: datetime | None = None) -> Response:
        """One HTTP request, over a connection that is there. Raises TokenUnavailable and GraphUnavailable."""
        await self._tokens.get_token(self.cloud.scope)
        self._life.require()
        if send_by is not None:
            connecting.within(send_by, self._clock.now())
        posts = {device: self._posting.sent(device) for device in _posted(asked)}

        def effect(refusal: Refusal | None = None) -> Response:
            operated = iter(range(20))

            def operate(request: GraphRequest) -> Answer:
                if refusal is not None and (refusal.whole or next(operated) % 2):
                    return _refused(refusal)
                return self._operated(request, posts)

            if refusal is not None and refusal.whole:
                return graph_values.response(_refused(refusal))
            return graph_values.response(graph_values.answer(asked, operate))

        injector = self._outside.injector
        return await injector.call(self._life, _name(asked), effect, _no_answer, effect)

    def _operated(self, request: GraphRequest, posts: dict[str, Post | None]) -> Answer:
        post = posts.get(request.segments[2]) if request.method == "POST" else None
        user = None if post is None else self._outside.tenant.user_of(post.device)
        answer = self._outside.tenant.answer(request)
        if post is not None and 200 <= answer.status < 300:
            post.accepted_at, post.user = self._outside.clock.now(), user
            self._outside.invariants.accepted(post)
        return answer


class Devices:
    """ports.AutopilotDevices: the adapter, watched."""

    def __init__(self, outside: Outside, adapter: ports.AutopilotDevices, posting: Posting) -> None:
        self._outside = outside
        self._adapter = adapter
        self._posting = posting

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        asked_at = self._outside.clock.now()
        record = await self._adapter.get(device)
        DELIVERY.get().reads[device] = asked_at, None if record is None else record.user_principal_name
        return record

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        post = Post(DELIVERY.get(), device)
        with self._posting.asked(post):
            await self._adapter.unassign(device, action)
        post.answered_at = self._outside.clock.now()

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        return await self._adapter.with_serial_number(serial_number, trusted=trusted)

    async def directory(self, *, trusted: bool = False) -> Directory:
        return await self._adapter.directory(trusted=trusted)


class _Credential:
    """The identity endpoint's tokens, kept while they last; AsyncTokenCredential."""

    def __init__(self, outside: Outside, life: Life) -> None:
        self._outside = outside
        self._life = life
        self._kept: AccessToken | None = None

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        now = self._outside.clock.now()
        if self._kept is None or self._kept.expires_on <= (now + _EARLY).timestamp():
            self._kept = await self._outside.injector.call(self._life, "token", self._new, _no_token)
        return self._kept

    async def close(self) -> None:
        """There is nothing to close."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    def _new(self) -> AccessToken:
        return AccessToken(graph_values.TOKEN, int((self._outside.clock.now() + _TOKEN_LASTS).timestamp()))


def _posted(asked: Asked) -> list[str]:
    """The devices on which it asks for an action."""
    paths = [item["url"] for item in asked.body["requests"]] if asked.batched else [asked.url]
    return [path.split("/")[-2] for path in paths if path.endswith("/unassignUserFromDevice")]


def _name(asked: Asked) -> str:
    posted = bool(_posted(asked))
    if asked.batched:
        return "graph.batch.unassign" if posted else "graph.batch.get"
    if posted:
        return "graph.unassign"
    return "graph.search" if "filter" in asked.url else "graph.scan" if _is_list(asked.url) else "graph.get"


def _is_list(url: str) -> bool:
    return url.partition("?")[0].endswith("windowsAutopilotDeviceIdentities")


def _refused(refusal: Refusal) -> Answer:
    wait = {} if refusal.wait_seconds is None else {"Retry-After": str(round(refusal.wait_seconds))}
    return messages.error(refusal.status, "as was to be", headers=wait)


def _no_answer() -> Exception:
    return GraphUnavailable("graph could not be reached: ConnectError")


def _no_token() -> Exception:
    return ServiceRequestError("no token")
