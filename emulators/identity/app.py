"""The ASGI app of the identity endpoint: runs each request through the faults, and notes it. Decides nothing.

Faults are scripted in the emulated Graph's words, so a request is put in its form here; it has no API version that counts.
"""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from emulators.clock import Clock
from emulators.graph import exchange
from emulators.graph.calls import Call
from emulators.graph.faults import Faults
from emulators.graph.messages import Answer, GraphRequest
from emulators.graph.tenant import Tenant
from emulators.identity.service import CLOUD_SHELL_PATH, IdentityService

_NO_TENANT: Final = Tenant()


class IdentityApp:
    """Serves tokens. `cut` resets the connection of a client, given by host and port."""

    def __init__(
        self, service: IdentityService, faults: Faults, clock: Clock, cut: Callable[[tuple[str, int]], None]
    ) -> None:
        self.calls: list[Call] = []
        self._service = service
        self._faults = faults
        self._clock = clock
        self._cut = cut

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request."""
        http = Request(scope, receive)
        try:
            form = dict(parse_qsl((await http.body()).decode("utf-8", "replace")))
            # What comes after the body can only be the client's going.
        except ClientDisconnect:
            return
        request = GraphRequest(
            root=str(http.base_url).rstrip("/"),
            api_version="v1.0",
            method=http.method,
            segments=tuple(http.url.path.strip("/").split("/")),
            query=dict(http.query_params),
            headers=dict(http.headers),
        )
        query = request.query
        call = Call(time=self._clock.now(), method=http.method, path=request.path, query=query, api_version=None)
        self.calls.append(call)
        effects = self._faults.strike(request)
        handle = partial(self._handle, form=form)
        answer = await exchange.run(request, effects, handle, tenant=_NO_TENANT, gone=http.is_disconnected)
        call.unexpected = answer.unexpected
        if not answer.reset:
            call.status = answer.status
        elif http.client is not None:
            self._cut((http.client.host, http.client.port))
        headers = {"Content-Type": "application/json", **answer.headers}
        await Response(answer.text(), 500 if answer.reset else answer.status, headers)(scope, receive, send)

    async def _handle(self, request: GraphRequest, *, form: Mapping[str, str]) -> Answer:
        if (request.method, request.path) == ("POST", CLOUD_SHELL_PATH):
            return self._service.answer_in_cloud_shell(form, request.headers.get("metadata"))
        header = request.headers.get("x-identity-header")
        return self._service.answer(request.method, request.path, request.query, header)
