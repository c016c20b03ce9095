"""Who a person at a terminal is to Azure: a managed identity, az login, or what else DefaultAzureCredential finds."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


def signed_in() -> "AsyncTokenCredential":
    """A new credential; whoever needs it no more closes it. No retries inside: each call has a deadline of its own."""
    from azure.identity.aio import DefaultAzureCredential

    # No proxy from the environment: a request to an identity endpoint holds the endpoint's secret.
    return DefaultAzureCredential(retry_total=0, use_env_settings=False)
