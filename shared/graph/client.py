"""One call to Graph: its deadline, and its answer or one of our errors. Knows no paths; the libraries load at the first call."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared.domain.errors import GraphUnavailable
from shared.graph import errors
from shared.graph.clouds import Cloud
from shared.graph.response import Response
from shared.ports import Clock

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential
    from kiota_abstractions.request_information import RequestInformation

    from shared.graph.connection import Connection
    from shared.graph.requests import Requests

DEADLINE: Final = timedelta(seconds=20)
TOKEN_PATIENCE: Final = timedelta(seconds=10)


class GraphClient:
    """Calls one cloud as one app. `credential` makes what hands out tokens; it is called at the first call, not before.

    All calls end within `deadline`, the token included, and raise GraphThrottled, GraphUnavailable, TokenUnavailable,
    GraphPermissionDenied or GraphRequestRejected. Nothing is retried, but a 401 once with a new token.
    """

    def __init__(
        self,
        cloud: Cloud,
        *,
        credential: "Callable[[], AsyncTokenCredential]",
        clock: Clock,
        deadline: timedelta = DEADLINE,
        token_patience: timedelta = TOKEN_PATIENCE,
    ) -> None:
        self.cloud = cloud
        self._credential = credential
        self._clock = clock
        self._deadline = deadline
        self._token_patience = token_patience
        self._connection: Connection | None = None

    @property
    def requests(self) -> "Requests":
        """What can be asked."""
        return self._connect().requests

    async def read(self, request: "RequestInformation") -> Response:
        """The answer with any 2xx status."""
        response = await self.exchange(request)
        errors.raise_for(response, now=self._clock.now())
        return response

    async def find(self, request: "RequestInformation") -> Response | None:
        """The answer with any 2xx status, or None if Graph says that there is no such thing."""
        response = await self.exchange(request)
        return response if errors.found(response, now=self._clock.now()) else None

    async def exchange(self, request: "RequestInformation", send_by: datetime | None = None) -> Response:
        """The answer with whatever status; raises GraphUnavailable and TokenUnavailable alone.

        What could not be sent by `send_by` was not sent.
        """
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                return await self._connect().exchange(request, send_by)
        except TimeoutError as error:
            raise GraphUnavailable(f"graph gave no answer within {self._deadline.total_seconds():g} s") from error

    async def close(self) -> None:
        """Close all connections; a call after that opens them anew."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _connect(self) -> "Connection":
        if self._connection is None:
            # Here and not above: the libraries take half a second, which every cold start and every --help would pay.
            from shared.graph.connection import Connection  # noqa: PLC0415

            self._connection = Connection(self.cloud, self._credential, self._clock, self._token_patience)
        return self._connection
