"""The app's tokens: one request at a time, a bound on its time, and a new one after a refusal. Knows no Graph.

Tokens are cached by azure-identity. It keeps a refused one like any other, so after a refusal its credential is replaced.
"""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from types import TracebackType
from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError, HttpResponseError

from shared.domain.errors import TokenUnavailable
from shared.graph import retry_after
from shared.ports import Clock

PATIENCE: Final = timedelta(seconds=10)
_MARGIN: Final = timedelta(seconds=60)
# What azure-identity lets through from an answer that isn't a token, besides its own errors.
_MALFORMED: Final = (AttributeError, LookupError, TypeError, ValueError)


class Tokens:
    """A credential, made by the factory at the first call, that gives a token or raises TokenUnavailable, within PATIENCE.

    While the identity endpoint is out of reach a token that is still valid for a minute goes on being used.
    """

    def __init__(self, credential: Callable[[], AsyncTokenCredential], clock: Clock, patience: timedelta) -> None:
        self._make = credential
        self._clock = clock
        self._patience = patience
        self._lock = asyncio.Lock()
        self._credential: AsyncTokenCredential | None = None
        self._latest: AccessToken | None = None
        self._refused: str | None = None

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        """A token for the scopes; the signature is azure-identity's. `kwargs` are handed through."""
        options = {"claims": claims, "tenant_id": tenant_id, "enable_cae": enable_cae, **kwargs}
        try:
            async with asyncio.timeout(self._patience.total_seconds()), self._lock:
                self._latest = await self._ask(scopes, options)
                return self._latest
        except (TimeoutError, AzureError, *_MALFORMED) as error:
            if (latest := self._latest) is not None and self._lasts(latest):
                return latest
            raise TokenUnavailable(f"no token: {type(error).__name__}", retry_after=self._wait(error)) from error

    def refuse(self, token: str) -> None:
        """Graph answered 401 to this token: it is not handed out again if there is another to be had."""
        self._refused = token

    async def close(self) -> None:
        """Close the credential."""
        async with self._lock:
            await self._drop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        trace: TracebackType | None = None,
    ) -> None:
        await self.close()

    async def _ask(self, scopes: tuple[str, ...], options: Mapping[str, Any]) -> AccessToken:
        if self._credential is None:
            self._credential = self._make()
        token = await self._credential.get_token(*scopes, **options)
        if token.token != self._refused:
            return token
        await self._drop()  # nobody else uses it: we hold the lock
        self._credential = self._make()
        return await self._credential.get_token(*scopes, **options)

    async def _drop(self) -> None:
        dropped, self._credential = self._credential, None
        if dropped is not None:
            await dropped.close()

    def _lasts(self, token: AccessToken) -> bool:
        remaining = token.expires_on - self._clock.now().timestamp()
        return token.token != self._refused and remaining > _MARGIN.total_seconds()

    def _wait(self, error: BaseException) -> timedelta | None:
        response = error.response if isinstance(error, HttpResponseError) else None
        headers: Mapping[str, str] = getattr(response, "headers", {})
        return retry_after.parse(headers.get("Retry-After"), now=self._clock.now())
