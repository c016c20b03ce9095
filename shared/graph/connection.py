"""The client libraries, put together our way. The one module that knows httpx; decides nothing about answers.

The request adapter signs a request, our own HTTP client sends it: without the library's middleware, so nothing is retried
behind our back, no redirect is followed (it would carry the token along), and no environment variable names a proxy.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import httpx
from azure.core.credentials_async import AsyncTokenCredential
from kiota_abstractions.request_information import RequestInformation
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from kiota_http.observability_options import ObservabilityOptions

from shared.domain.errors import GraphUnavailable
from shared.graph import connecting, sdk
from shared.graph.body import ACCEPTED, Body
from shared.graph.clouds import Cloud
from shared.graph.requests import Requests
from shared.graph.response import Response
from shared.graph.tokens import Tokens
from shared.ports import Clock

UNREACHABLE: Final = (httpx.HTTPError, httpx.InvalidURL)
"""What httpx raises for the other side's sake; anything else of its is a misuse of ours."""
MAX_BODY_BYTES: Final = 32 * 1024 * 1024
_CONNECTIONS: Final = 64


class Connection:
    """Signs requests and exchanges them for answers. No deadline of its own, but for getting a token."""

    def __init__(
        self, cloud: Cloud, credential: Callable[[], AsyncTokenCredential], clock: Clock, token_patience: timedelta
    ) -> None:
        self._cloud = cloud
        self._clock = clock
        self._tokens = Tokens(credential, clock, token_patience)
        self._http = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=_CONNECTIONS, max_keepalive_connections=_CONNECTIONS),
            timeout=None,  # noqa: S113  # one deadline covers the whole call, see client
            trust_env=False,
            follow_redirects=False,
            headers={"User-Agent": "autopilot-offboarding", "Accept-Encoding": ACCEPTED},
        )
        provider = AzureIdentityAuthenticationProvider(self._tokens, scopes=[cloud.scope], allowed_hosts=[cloud.host])
        self._adapter = sdk.GraphRequestAdapter(provider, client=self._http)
        # By default the adapter's spans show whole URLs, and with them names and serial numbers.
        self._adapter.observability_options = ObservabilityOptions(include_euii_attributes=False)
        self.requests = Requests(self._adapter, cloud)

    async def exchange(self, request: RequestInformation, send_by: datetime | None) -> Response:
        """One answer; a 401 is asked once more with a new token. Raises TokenUnavailable and GraphUnavailable."""
        response, token = await self._exchange_once(request, send_by)
        if response.status != 401:
            return response
        self._tokens.refuse(token)
        request.headers.remove("Authorization")
        response, _ = await self._exchange_once(request, send_by)
        return response

    async def close(self) -> None:
        """Close the connections and the credential."""
        await self._http.aclose()
        await self._tokens.close()

    async def _exchange_once(self, request: RequestInformation, send_by: datetime | None) -> tuple[Response, str]:
        try:
            self._keep_home(request.url)
            native = await self._adapter.convert_to_native_async(request)
            self._keep_home(str(native.url))  # as httpx understood it
            if send_by is not None:
                seconds = connecting.within(send_by, self._clock.now()).total_seconds()
                native.extensions = {**native.extensions, "timeout": {"connect": seconds, "pool": seconds}}
            response = await self._send(native)
        except UNREACHABLE as error:
            raise GraphUnavailable(f"graph could not be reached: {type(error).__name__}") from error
        return response, native.headers.get("Authorization", "").removeprefix("Bearer ")

    def _keep_home(self, url: str) -> None:
        if not self._cloud.holds(url):
            raise GraphUnavailable("a request that leads away from graph was not sent")

    async def _send(self, native: httpx.Request) -> Response:
        response = await self._http.send(native, stream=True)
        try:
            body = Body(response.headers, most=MAX_BODY_BYTES)
            async for piece in response.aiter_raw():
                body.add(piece)
            return Response(response.status_code, response.headers, body.whole())
        finally:
            await response.aclose()
