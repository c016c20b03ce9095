"""How an app's connection becomes a Service Bus client: a connection string, or a namespace and an identity.

Knows the setting names of identity-based connections (learn.microsoft.com/azure/azure-functions/functions-reference,
"Connections") and azure-identity. Opens nothing: the first link does.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from azure.identity import aio as identity
from azure.servicebus.aio import ServiceBusClient

from devhost import errors

# The SDK's own retries are off: a link that is lost is opened anew, by the listener, which also knows when to stop.
_CLIENT_OPTIONS: dict[str, Any] = {"retry_total": 0, "try_timeout": 10}


class Connection:
    """A client, and the credential that was made for it."""

    def __init__(self, client: ServiceBusClient, credential: Any = None) -> None:
        self.client = client
        self._credential = credential

    async def close(self) -> None:
        """Close both."""
        await self.client.close()
        if self._credential is not None:
            await self._credential.close()


def problems(names: Iterable[str], environment: Mapping[str, str]) -> list[str]:
    """Say, for each connection of these, what is missing or wrong in the settings."""
    return [problem for name in sorted(set(names)) if (problem := _problem(name, environment))]


def _problem(name: str, environment: Mapping[str, str]) -> str | None:
    if environment.get(name):
        return None
    if not environment.get(f"{name}__fullyQualifiedNamespace"):
        return f"setting {name} (a connection string) or {name}__fullyQualifiedNamespace is missing"
    kind = environment.get(f"{name}__credential", "")
    if kind not in {"", "managedidentity"}:
        return f"setting {name}__credential must be managedidentity, or be left out"
    return None


def connect(name: str, environment: Mapping[str, str]) -> Connection:
    """Make the client of one connection. Raises InvalidConfiguration."""
    problem = _problem(name, environment)
    if problem:
        raise errors.InvalidConfiguration([problem])
    connection_string = environment.get(name)
    if connection_string:
        try:
            return Connection(ServiceBusClient.from_connection_string(connection_string, **_CLIENT_OPTIONS))
        except ValueError:  # its text may quote the string, which holds a key
            raise errors.InvalidConfiguration([f"setting {name} is not a Service Bus connection string"]) from None
    credential = _credential(name, environment)
    namespace = environment[f"{name}__fullyQualifiedNamespace"]
    return Connection(ServiceBusClient(namespace, credential, **_CLIENT_OPTIONS), credential)


def _credential(name: str, environment: Mapping[str, str]) -> Any:
    client_id = environment.get(f"{name}__clientId") or None
    if environment.get(f"{name}__credential") == "managedidentity":
        return identity.ManagedIdentityCredential(client_id=client_id)
    return identity.DefaultAzureCredential(managed_identity_client_id=client_id)
