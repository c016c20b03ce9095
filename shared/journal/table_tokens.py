"""The tokens that the journal's table is reached with. Knows no table."""

from typing import Any, Final, Self

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential

SCOPE: Final = "https://storage.azure.com/.default"
"""The same in every cloud. Source: learn.microsoft.com/azure/storage/blobs/authorize-access-azure-active-directory"""


class StorageTokens:
    """Tokens for storage alone: the SDK would ask for one for whatever a 401 names, and send it there."""

    def __init__(self, credential: AsyncTokenCredential) -> None:
        self._credential = credential

    async def get_token(self, *scopes: str, **_options: Any) -> AccessToken:
        """A token; what the caller asks for does not matter."""
        return await self._credential.get_token(SCOPE)

    async def close(self) -> None:
        """Close the credential."""
        await self._credential.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.close()
