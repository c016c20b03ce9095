"""The naive code's way to Graph: msgraph-sdk as its documents show it, models and all. Imported by what measures it only."""

import time
import warnings
from collections.abc import AsyncIterator, Sequence
from typing import Any, Final

from azure.core.credentials import AccessToken
from azure.core.credentials_async import AsyncTokenCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider

from benchmarks.naive import Record

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    from msgraph import GraphServiceClient
    from msgraph.graph_request_adapter import GraphRequestAdapter

TOKEN: Final = "eyJtb2RlbC1vZg.e30.bW9kZWw"


class _Credential:
    """A token at once, so that what is measured is the library."""

    async def get_token(self, *scopes: str, **options: Any) -> AccessToken:
        return AccessToken(TOKEN, int(time.time()) + 3600)

    async def close(self) -> None:
        pass


class SdkDevices:
    """naive.Devices through the library, against a Graph on loopback that takes TOKEN or the credential's."""

    def __init__(self, endpoint: str, credential: AsyncTokenCredential | None = None) -> None:
        provider = AzureIdentityAuthenticationProvider(
            credential or _Credential(),  # type: ignore[arg-type]  # all that the library asks of one
            scopes=[f"{endpoint}/.default"],
            allowed_hosts=["127.0.0.1"],
        )
        adapter = GraphRequestAdapter(provider)
        adapter.base_url = f"{endpoint}/v1.0"
        client = GraphServiceClient(request_adapter=adapter)
        self._devices = client.device_management.windows_autopilot_device_identities

    async def pages(self) -> AsyncIterator[Sequence[Record]]:
        """As naive.Devices."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            page = await self._devices.get()
        while True:
            yield [_record(device) for device in page.value]
            if not page.odata_next_link:
                return
            page = await self._devices.with_url(page.odata_next_link).get()

    async def get(self, device: str) -> Record:
        """As naive.Devices."""
        return _record(await self._devices.by_windows_autopilot_device_identity_id(device).get())

    async def unassign(self, device: str) -> None:
        """As naive.Devices."""
        await self._devices.by_windows_autopilot_device_identity_id(device).unassign_user_from_device.post()


def _record(device: Any) -> Record:
    return Record(device.id, device.user_principal_name)
