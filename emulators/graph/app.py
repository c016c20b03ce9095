"""The ASGI app: runs each request, and each item of a batch, through faults and service, and notes it. Decides nothing."""

import asyncio
import itertools
import logging
import uuid
from collections.abc import Callable
from email.utils import format_datetime
from typing import Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulators.clock import Clock
from emulators.graph import batch, exchange, http_request
from emulators.graph.calls import Call
from emulators.graph.exchange import Gone, Handler
from emulators.graph.faults import Faults
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.service import GraphService
from emulators.graph.tenant import Tenant

_logger: Final = logging.getLogger(__name__)


class GraphApp:
    """Serves Graph. `cut` resets the connection of a client, given by host and port."""

    def __init__(
        self,
        service: GraphService,
        tenant: Tenant,
        faults: Faults,
        clock: Clock,
        cut: Callable[[tuple[str, int]], None],
    ) -> None:
        self.calls: list[Call] = []
        self._service = service
        self._tenant = tenant
        self._faults = faults
        self._clock = clock
        self._cut = cut
        self._batch_ids = itertools.count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except ClientDisconnect:  # gone before it had sent its request: nothing was asked, and nobody waits
            return
        if answer.reset and request.client is not None:
            self._cut((request.client.host, request.client.port))
        text = answer.text()
        date = format_datetime(self._clock.now(), usegmt=True)
        headers = {"request-id": str(uuid.uuid4()), "Date": date, **answer.headers}
        if text:
            headers.setdefault("Content-Type", "application/json;odata.metadata=minimal;charset=utf-8")
        status = 500 if answer.reset else answer.status  # after a reset nobody gets it
        await Response(text, status, headers)(scope, receive, send)

    async def _answer(self, request: Request) -> Answer:
        parsed = await http_request.read(request)
        if isinstance(parsed, Answer):
            path = request.url.path
            call = Call(time=self._clock.now(), method=request.method, path=path, query={}, api_version=None)
            self.calls.append(call)
            return self._note(call, parsed)
        handle: Handler = self._handle
        if parsed.segments == ("$batch",) and parsed.method == "POST":
            handle = self._handle_batch(request.is_disconnected)
        return await self._run(parsed, handle, request.is_disconnected)

    async def _run(self, request: GraphRequest, handle: Handler, gone: Gone) -> Answer:
        call = Call(
            time=self._clock.now(),
            method=request.method,
            path=request.path,
            query=request.query,
            api_version=request.api_version,
            batch_id=request.batch_id,
            headers=request.headers,
        )
        self.calls.append(call)
        effects = self._faults.strike(request)
        throttled = self._service.throttle(request)  # a request that a fault strikes has used quota too

        async def throttle_or_handle(request: GraphRequest) -> Answer:
            return throttled or await handle(request)

        answer = await exchange.run(request, effects, throttle_or_handle, tenant=self._tenant, gone=gone)
        return self._note(call, answer)

    async def _handle(self, request: GraphRequest) -> Answer:
        return self._service.answer(request)

    def _handle_batch(self, gone: Gone) -> Handler:
        async def run_item(item: batch.Item) -> Answer:
            async def refuse_or_handle(_: GraphRequest) -> Answer:
                return item.refusal or await self._handle(item.request)

            return await self._run(item.request, refuse_or_handle, gone)

        async def handle(request: GraphRequest) -> Answer:
            grant = self._service.authenticate(request)
            if isinstance(grant, Answer):
                return grant
            items = batch.items(request, str(next(self._batch_ids)))
            if isinstance(items, Answer):
                return items
            answers = await asyncio.gather(*(run_item(item) for item in items))
            return batch.answer(list(zip(items, answers, strict=True)))

        return handle

    def _note(self, call: Call, answer: Answer) -> Answer:
        if not answer.reset:
            call.status = answer.status
        if answer.unexpected:
            call.unexpected = True
            _logger.error("unexpected call: %s %s %s", call.method, call.api_version, call.path)
        return answer
