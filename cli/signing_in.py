"""Who a person at a terminal is to Azure: a managed identity, az login, or what else DefaultAzureCredential finds."""

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def signed_in_with(client_id: str) -> "Callable[[], AsyncTokenCredential]":
    """As `signed_in`; where that is a managed identity, it is the one with this client id, if one is given."""
    if not client_id:
        return signed_in

    def create() -> "AsyncTokenCredential":
        from azure.identity.aio import DefaultAzureCredential

        return DefaultAzureCredential(managed_identity_client_id=client_id, retry_total=0, use_env_settings=False)

    return create


def signed_in() -> "AsyncTokenCredential":
    """A new credential; whoever needs it no more closes it. No retries inside: each call has a deadline of its own."""
    from azure.identity.aio import DefaultAzureCredential

    # No proxy from the environment: a request to an identity endpoint holds the endpoint's secret.
    return DefaultAzureCredential(retry_total=0, use_env_settings=False)
