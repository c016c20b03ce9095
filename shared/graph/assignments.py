"""Assigning users to Autopilot records in Graph: the port Assignments. Translates, and decides nothing."""

from typing import Final

from shared.domain.identifiers import AutopilotDeviceId, UserPrincipalName
from shared.graph import errors
from shared.graph.client import GraphClient
from shared.graph.exchanging import Exchange, Lane
from shared.graph.pacing import Pace
from shared.ports import Clock

_WRITES: Final = Lane("v1.0", write=True)


class GraphAssignments:
    """Assignments by msgraph-sdk, one request at a time, at the `pace` that the quota allows. Errors are GraphClient's."""

    def __init__(self, client: GraphClient, *, clock: Clock, pace: Pace | None = None) -> None:
        self._client = client
        self._clock = clock
        self._exchange = Exchange(client, pace or Pace(clock), clock)

    async def assign_user(
        self, device: AutopilotDeviceId, user_principal_name: UserPrincipalName, addressable_user_name: str | None
    ) -> None:
        """Ask Graph to assign the user; see ports.Assignments. Any 2xx means accepted. A missing greeting is sent as empty.

        Source: learn.microsoft.com/graph/api/intune-enrollment-windowsautopilotdeviceidentity-assignusertodevice
        """
        request = self._client.requests.assign_user(device, user_principal_name, addressable_user_name or "")
        (answer,) = await self._exchange.send(_WRITES, [request])
        if isinstance(answer, Exception):
            raise answer
        errors.raise_for(answer, now=self._clock.now())
