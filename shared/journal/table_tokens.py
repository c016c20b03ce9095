"""The tokens that the journal's table is reached with: one request at a time, whoever waits for it. Knows no table."""

import asyncio
from datetime import timedelta
from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

SCOPE: Final = "https://storage.azure.com/.default"
"""The same in every cloud. Source: learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory"""
PATIENCE: Final = timedelta(seconds=15)


class StorageTokens:
    """Tokens for storage alone: the SDK would ask for one for whatever a 401 names, and send it there.

    A caller that gives up leaves its request to those who come later: the first token may take longer than a caller waits.
    """

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential
        self._asking: asyncio.Task[AccessToken] | None = None

    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """A token; what the caller asks for does not matter. Raises what the credential raises, TimeoutError after PATIENCE."""
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._ask(), name="token for storage")
        return await asyncio.shield(self._asking)

    async def close(self) -> None:
        """Close the credential, and give up what is under way."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.wait([self._asking])
        await self._credential.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()

    async def _ask(self) -> AccessToken:
        async with asyncio.timeout(PATIENCE.total_seconds()):
            return await self._credential.get_token(SCOPE)
