"""The real Graph adapters before a Graph that lies: each question, its answer or our error, and where the requests went."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from azure.core.credentials import AccessToken

from shared.domain.errors import UnassignmentError
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber, UserObjectId, UserPrincipalName, same
from shared.graph import clouds
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.client import GraphClient
from shared.graph.users import GraphUsers
from tests.fakes import NOW, FakeClock
from tests.fuzz import answers, kept, reached
from tests.fuzz.lying import LyingGraph

ASKED: Final = AutopilotDeviceId("d-1")
USER: Final = UserObjectId("6f1c1f7e-6f2f-4a6b-9a53-3f0a4f7c2b11")
SERIAL: Final = SerialNumber("SN-1")
NAME_OF_ALL: Final = "geheim@contoso.example"
"""Whom the records of the corpus name."""
NAME: Final = UserPrincipalName("adele.vance@contoso.example")
TOKEN: Final = "eyJvbmx5LWdyYXBo.e30.bWF5LXNlZQ"
_AT_ONCE: Final = 6
"""So many reads at a time go as one batch."""
_QUOTA_IS_WHOLE_AGAIN: Final = timedelta(seconds=21)


class Credential:
    """Hands out one token, which is good for ten years: the clock runs fast here."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(TOKEN, int(NOW.timestamp()) + 3_650 * 86_400)

    async def close(self) -> None: ...

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Answered:
    """What came of one question (`value`, or the error's name), and the processor time it took, the server's own included."""

    end: str
    seconds: float


class Asking:
    """Real adapters with the real libraries; nothing is remembered from one question to the next but connections."""

    def __init__(self, graph: LyingGraph) -> None:
        self.clock = FakeClock()
        self._graph = graph
        self._client = GraphClient(clouds.at(graph.endpoint), credential=Credential, clock=self.clock)
        self.devices = GraphAutopilotDevices(self._client, clock=self.clock, directory_max_age=timedelta(0))
        self.users = GraphUsers(self._client)
        self.questions: Mapping[str, Callable[[], Awaitable[None]]] = {
            "page": self._list,
            "device": self._get,
            "batch": self._batch,
            "user": self._user,
            "deleted-user": self._user,
            "name": self._name,
            "serial": self._serial,
            "action": self._unassign,
            "resource": self._unassign_resource,
        }

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.devices.close()
        await self._client.close()

    async def ask(self, data: bytes, question: str = "") -> Answered:
        """Ask while Graph answers like this, what the input says unless told. Raises what escaped, and AssertionError."""
        words, _, _ = kept.answer_parts(data)
        question = question or next((word for word in words if word in self.questions), "device")
        begun = time.process_time()
        with self.at_home(data):
            try:
                await self.questions[question]()
                end = "value"
            except UnassignmentError as error:
                answers.refused(error)
                end = type(error).__name__
            seconds = time.process_time() - begun
        return Answered(end, seconds)

    @contextmanager
    def at_home(self, data: bytes) -> Iterator[None]:
        """While Graph answers like this, nobody else is reached, asked or looked up. Raises AssertionError."""
        self._graph.say(data)
        self._graph.asked.clear()
        self.let_time_pass()
        with reached.watched() as whom:
            yield
        home = self._graph.endpoint.removeprefix("http://")
        assert self._graph.elsewhere == 0, "a request went to another host"
        assert {asked.headers.get("host") for asked in self._graph.asked} <= {home}, "a request named another host"
        assert whom <= {home}, "another host was tried"

    def let_time_pass(self) -> None:
        """Until as much may be asked as ever."""
        self.clock.at += _QUOTA_IS_WHOLE_AGAIN

    async def _get(self) -> None:
        device = await self.devices.get(ASKED)
        assert device is None or same(device.autopilot_device_id, ASKED), "another device was believed"
        answers.writable(*(() if device is None else astuple(device)))

    async def _batch(self) -> None:
        every = [AutopilotDeviceId(f"d-{number}") for number in range(1, _AT_ONCE + 1)]
        found = await asyncio.gather(*map(self.devices.get, every), return_exceptions=True)
        for asked, device in zip(every, found, strict=True):
            if isinstance(device, UnassignmentError):
                answers.refused(device)
            elif isinstance(device, BaseException):
                raise device
            elif device is not None:
                assert same(device.autopilot_device_id, asked), "another device was believed"

    async def _list(self) -> None:
        for device in (await self.devices.directory()).devices:
            answers.writable(*astuple(device))

    async def _serial(self) -> None:
        for device in await self.devices.with_serial_number(SERIAL):
            assert same(device.serial_number, SERIAL), "another serial number was believed"

    async def _user(self) -> None:
        user = await self.users.by_id(USER)
        assert user is None or same(user.user_object_id, USER), "another user was believed"
        answers.writable(*(() if user is None else astuple(user)))

    async def _name(self) -> None:
        user = await self.users.by_name(NAME)
        assert user is None or same(user.user_principal_name, NAME), "another user was believed"

    async def _unassign(self) -> None:
        await self.devices.unassign(ASKED, Action.UNASSIGN_USER)

    async def _unassign_resource(self) -> None:
        await self.devices.unassign(ASKED, Action.UNASSIGN_RESOURCE_ACCOUNT)
