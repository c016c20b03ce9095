"""Requests about devices, sent singly or as one `$batch`: each gets an answer of its own. Decides nothing about answers.

What fails as a whole, fails for each item: a caller can't tell whether it had company.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final

from shared import telemetry
from shared.domain.errors import GraphUnavailable, UnassignmentError
from shared.graph import batch, connecting, errors, gathering
from shared.graph.client import GraphClient
from shared.graph.pacing import Pace
from shared.graph.response import Response
from shared.ports import SENT_WITHIN, Clock

if TYPE_CHECKING:
    from kiota_abstractions.request_information import RequestInformation

FEWEST: Final = 5
"""Fewer are sent side by side: a batch is as slow as its slowest item, and one that is lost leaves all its items unknown."""
_MEANT_FOR_EACH: Final = (401, 403, 408, 429)
"""Refusals of a whole batch that mean the same for each of its items; by any other 4xx it is the batch that is refused."""
_NO_BATCHES_HERE: Final = (404, 405, 501)
WRITES_LEAVE_WITHIN: Final = SENT_WITHIN - gathering.LINGER - connecting.SHORTEST_CONNECT


@dataclass(frozen=True, slots=True)
class Lane:
    """What may share a batch: one API version, reads or writes."""

    api_version: str
    write: bool


class Exchange:
    """Sends what was gathered, at the pace that the quota allows."""

    def __init__(self, client: GraphClient, pace: Pace, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._pace = pace

    async def send(self, lane: Lane, requests: Sequence["RequestInformation"]) -> Sequence[Response | Exception]:
        """The answers in the order of the requests; in place of one that is not known, the error that says why.

        What writes is sent at once, or not at all (ports.SENT_WITHIN).
        """
        send_by = self._clock.now() + WRITES_LEAVE_WITHIN if lane.write else None
        try:
            sent_at = await self._pace.begin(len(requests), write=lane.write)
        except UnassignmentError as error:
            return [error] * len(requests)
        with telemetry.graph(write=lane.write):
            if len(requests) < FEWEST:
                answers = await self._side_by_side(requests, send_by)
            else:
                answers = await self._together(lane, requests, send_by)
        await self._pace.end(answers, sent_at=sent_at, write=lane.write)
        return answers

    async def read(self, request: "RequestInformation") -> Response:
        """The answer, with any 2xx status, to a request that goes by itself, such as a page of the list."""
        sent_at = await self._pace.begin(1, write=False)
        with telemetry.graph(write=False):
            response = await self._client.exchange(request)
        await self._pace.end([response], sent_at=sent_at, write=False)
        errors.raise_for(response, now=self._clock.now())
        return response

    async def _together(
        self, lane: Lane, requests: Sequence["RequestInformation"], send_by: datetime | None
    ) -> Sequence[Response | Exception]:
        asked = self._client.requests
        items = [asked.as_item(request, lane.api_version) for request in requests]
        try:
            whole = await self._client.exchange(asked.batch(lane.api_version, batch.body(items)), send_by)
            if not whole.succeeded:
                return await self._refused(lane, requests, send_by, whole)
            answers = batch.answers(whole, len(requests))
        except UnassignmentError as error:
            return [error] * len(requests)
        return await self._with_new_token(requests, answers, send_by)

    async def _refused(
        self, lane: Lane, requests: Sequence["RequestInformation"], send_by: datetime | None, whole: Response
    ) -> Sequence[Response | Exception]:
        """A batch that Graph refuses for its form may hold one bad request: reads are asked singly, which harms nobody.

        Where there are no batches at all, nothing was done, and writes are sent singly too.
        """
        if whole.status in _NO_BATCHES_HERE:
            return await self._side_by_side(requests, send_by)
        if not 400 <= whole.status < 500 or whole.status in _MEANT_FOR_EACH:
            return [whole] * len(requests)
        if lane.write:
            return [GraphUnavailable(f"a batch was refused: {errors.describe(whole)}")] * len(requests)
        return await self._side_by_side(requests, send_by)

    async def _with_new_token(
        self,
        requests: Sequence["RequestInformation"],
        answers: Sequence[Response | Exception],
        send_by: datetime | None,
    ) -> Sequence[Response | Exception]:
        """An item's own 401 is asked again singly, where the token is renewed once, as for any request."""

        async def answered(request: "RequestInformation", answer: Response | Exception) -> Response | Exception:
            refused = isinstance(answer, Response) and answer.status == 401
            return await self._singly(request, send_by) if refused else answer

        return await asyncio.gather(*map(answered, requests, answers))

    async def _side_by_side(
        self, requests: Sequence["RequestInformation"], send_by: datetime | None
    ) -> Sequence[Response | Exception]:
        return await asyncio.gather(*(self._singly(request, send_by) for request in requests))

    async def _singly(self, request: "RequestInformation", send_by: datetime | None) -> Response | Exception:
        try:
            return await self._client.exchange(request, send_by)
        except UnassignmentError as error:
            return error
