"""The tenant's Autopilot records in Graph: the port AutopilotDevices. Translates, and decides nothing."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from shared.domain.device import AutopilotDevice
from shared.domain.directory import Directory
from shared.domain.errors import GraphRequestRejected, GraphUnavailable, SuspiciousScan
from shared.domain.events import Action
from shared.domain.identifiers import AutopilotDeviceId, SerialNumber, same
from shared.graph import errors, gathering, paging, reading
from shared.graph.asking import Asking, Route
from shared.graph.batch import MAX_ITEMS
from shared.graph.client import GraphClient
from shared.graph.exchanging import Exchange, Lane
from shared.graph.gathering import Gathering
from shared.graph.pacing import Pace
from shared.graph.response import Response
from shared.graph.scan_size import LastSize
from shared.graph.snapshot import Snapshot
from shared.ports import Clock

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

SCAN_DEADLINE: Final = timedelta(seconds=120)
_READS: Final = Lane("v1.0", write=False)
_WRITES: Final = Lane("v1.0", write=True)
_BETA_WRITES: Final = Lane("beta", write=True)


class GraphAutopilotDevices:
    """AutopilotDevices by msgraph-sdk. Errors and deadlines are GraphClient's; a list has `scan_deadline` for all its pages.

    What concurrent callers read and unassign is gathered into batches; `in_hand` and `linger` are Gathering's. Without
    `batches` all reads are plain GETs, as they are for who asks in a way of their own (`asking`): a batch has one answer's
    headers for all. Without `last_size` any list is believed. All is sent at the `pace` that the quota allows.
    """

    def __init__(
        self,
        client: GraphClient,
        *,
        clock: Clock,
        directory_max_age: timedelta,
        scan_deadline: timedelta = SCAN_DEADLINE,
        pace: Pace | None = None,
        batches: bool = True,
        in_hand: Callable[[], int] = gathering.nobody_else,
        linger: timedelta = gathering.LINGER,
        last_size: LastSize | None = None,
        asking: Asking | None = None,
    ) -> None:
        self._client = client
        self._asking = asking or Asking()
        self._clock = clock
        self._scan_deadline = scan_deadline
        self._last_size = last_size
        self._doubted: tuple[Directory, str] | None = None
        self._snapshot = Snapshot(self._scan, clock=clock, max_age=directory_max_age)
        self._exchange = Exchange(client, pace or Pace(clock), clock)
        self._gathering: Gathering[Lane, RequestInformation, Response] = Gathering(
            self._exchange.send, most=MAX_ITEMS if batches and asking is None else 1, in_hand=in_hand, linger=linger
        )

    async def get(self, device: AutopilotDeviceId) -> AutopilotDevice | None:
        """The record as it is this moment, or None if Graph has none by this id.

        Source: learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeviceidentity-get
        """
        response = await self._gathering.ask(_READS, self._client.requests.device(device))
        if not errors.found(response, now=self._clock.now()):
            return None
        found = reading.device(response.json())
        if not same(found.autopilot_device_id, device):
            raise GraphUnavailable("graph answered with another device than was asked for")
        return found

    async def unassign(self, device: AutopilotDeviceId, action: Action) -> None:
        """Ask Graph to unassign the user or, on beta, the resource account. Any 2xx means accepted, which is not done.

        GraphRequestRejected includes 404: read the device again to know more. GraphUnavailable leaves it unknown whether
        the request took effect.
        Source: learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeviceidentity-unassignuserfromdevice,
        …-unassignresourceaccountfromdevice
        """
        lane, request = self._unassigning(device, action)
        for name, value in self._asking.headers.items():
            request.headers.remove(name)
            request.headers.add(name, value)
        response = await self._gathering.ask(lane, request)
        self._asking.shown(device, response)
        errors.raise_for(response, now=self._clock.now())

    async def with_serial_number(
        self, serial_number: SerialNumber, *, trusted: bool = False
    ) -> Sequence[AutopilotDevice]:
        """The records with exactly this serial number, case aside; from the whole list where Graph refuses the filter.

        The filter finds parts of serial numbers, and has failed on spaces and hyphens: it gets the longest part without.
        Whether it minds case is not documented, so nothing found for a number with small letters is looked up in the list too.
        """
        parts = [part for part in re.split(r"[\s-]+", serial_number) if part]
        if not parts:
            return []
        try:
            found = await self._collect(self._gathered, self._client.requests.devices_like(max(parts, key=len)))
        except GraphRequestRejected:
            return (await self.directory(trusted=trusted)).with_serial_number(serial_number)
        exact = [device for device in found if same(device.serial_number, serial_number)]
        if not exact and serial_number != serial_number.upper():
            return (await self.directory(trusted=trusted)).with_serial_number(serial_number)
        return exact

    async def directory(self, *, trusted: bool = False) -> Directory:
        """The whole list, shared by all who ask while it is younger than `directory_max_age`; see ports.AutopilotDevices."""
        directory = await self._snapshot.get()
        doubted = self._doubted
        if self._last_size is None or doubted is None or doubted[0] is not directory:
            return directory
        if not trusted:
            raise SuspiciousScan(doubted[1])
        await self._last_size.believe(len(directory.devices))
        if self._doubted is doubted:  # and not what another scan found meanwhile
            self._doubted = None
        return directory

    async def close(self) -> None:
        """Give up a scan and batches that are under way; the client is closed by whoever made it."""
        await self._snapshot.close()
        await self._gathering.close()

    def _unassigning(self, device: AutopilotDeviceId, action: Action) -> "tuple[Lane, RequestInformation]":
        requests = self._client.requests
        if action is Action.UNASSIGN_RESOURCE_ACCOUNT:
            return _BETA_WRITES, requests.unassign_resource_account(device)
        if self._asking.route is Route.DEPLOYMENT_PROFILE:
            return _BETA_WRITES, requests.unassign_user_by_profile(device)
        return _WRITES, requests.unassign_user(device)

    async def _scan(self) -> Directory:
        begun = self._clock.now()
        directory = Directory(await self._collect(self._exchange.read, self._client.requests.devices()), begun)
        if self._last_size is not None:
            doubts = await self._last_size.doubts(len(directory.devices))
            self._doubted = None if doubts is None else (directory, doubts)
        return directory

    async def _gathered(self, request: "RequestInformation") -> Response:
        """The answer, with any 2xx status, to a read that goes along with others."""
        response = await self._gathering.ask(_READS, request)
        errors.raise_for(response, now=self._clock.now())
        return response

    async def _collect(
        self, ask: "Callable[[RequestInformation], Awaitable[Response]]", first: "RequestInformation"
    ) -> Sequence[AutopilotDevice]:
        """All devices of a list whose first page is asked for in that way; further ones are asked for by themselves."""

        async def read(link: str | None) -> Mapping[str, Any]:
            if link is None:
                return (await ask(first)).json()
            return (await self._exchange.read(self._client.requests.page(link))).json()

        try:
            async with asyncio.timeout(self._scan_deadline.total_seconds()):
                return await paging.collect(read, self._client.cloud)
        except TimeoutError as error:
            seconds = self._scan_deadline.total_seconds()
            raise GraphUnavailable(f"the devices could not be listed within {seconds:g} s") from error
