"""The SDK that the service uses can talk to the emulator: its URLs, its token, its errors."""

from collections.abc import Callable

import httpx
import pytest
from azure.identity.aio import ManagedIdentityCredential
from kiota_authentication_azure.azure_identity_authentication_provider import AzureIdentityAuthenticationProvider
from msgraph.generated.models.o_data_errors.o_data_error import ODataError
from msgraph.graph_request_adapter import GraphRequestAdapter
from msgraph.graph_service_client import GraphServiceClient

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, User
from emulators.identity.emulator import IdentityEmulator

Start = Callable[..., GraphEmulator]
ADA = "ada@contoso.example"


@pytest.mark.filterwarnings("ignore:.*is deprecated:DeprecationWarning")  # the generated classes, at import
async def test_the_sdk_lists_reads_and_unassigns(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    users = [User(id="u1", user_principal_name=ADA, deleted=True)]
    graph = start(Device(id="d1", user_principal_name=ADA), users=users, token=None)
    roles = ["DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All"]
    with IdentityEmulator(roles=roles) as identity:
        for name, value in identity.environment.items():
            monkeypatch.setenv(name, value)
        async with ManagedIdentityCredential() as credential, httpx.AsyncClient() as http:
            scopes = [f"{graph.endpoint}/.default"]
            provider = AzureIdentityAuthenticationProvider(credential, scopes=scopes, allowed_hosts=["127.0.0.1"])
            adapter = GraphRequestAdapter(provider, client=http)
            adapter.base_url = f"{graph.endpoint}/v1.0/"
            client = GraphServiceClient(request_adapter=adapter)
            devices = client.device_management.windows_autopilot_device_identities

            page = await devices.get()
            await devices.by_windows_autopilot_device_identity_id("d1").unassign_user_from_device.post()
            device = await devices.by_windows_autopilot_device_identity_id("d1").get()
            user = await client.directory.deleted_items.by_directory_object_id("u1").graph_user.get()
            with pytest.raises(ODataError) as refused:
                await devices.by_windows_autopilot_device_identity_id("gone").get()

    assert [entry.user_principal_name for entry in page.value] == [ADA]
    assert device.user_principal_name == ""
    assert user.user_principal_name == f"u1{ADA}"
    assert refused.value.error.code == "ResourceNotFound"
