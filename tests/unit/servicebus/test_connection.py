"""How the client is made: once, late, with retries off; and what a bad setting says."""

from types import TracebackType
from typing import Any, Self

import pytest
from azure.core.credentials import AccessToken
from azure.servicebus.aio import ServiceBusClient, ServiceBusSender

from shared.servicebus.connection import Connection
from shared.servicebus.link import Link, LinkFailed


class FakeCredential:
    def __init__(self) -> None:
        self.closed = False

    async def get_token(
        self,
        *scopes: str,
        claims: str | None = None,
        tenant_id: str | None = None,
        enable_cae: bool = False,
        **kwargs: Any,
    ) -> AccessToken:
        return AccessToken("eyJ0b2tlbi0x.e30.dG9r", 0)

    async def close(self) -> None:
        self.closed = True

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None = None,
        exc_value: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.close()


class Unopened(ServiceBusSender):
    """A sender of the SDK that shows its options and never opens."""

    async def __aenter__(self) -> Self:
        return self


async def test_rule_11_the_sdk_does_not_retry_by_itself_and_a_try_has_a_limit() -> None:
    clients: list[ServiceBusClient] = []
    credentials: list[FakeCredential] = []

    def make_credential() -> FakeCredential:
        credentials.append(FakeCredential())
        return credentials[-1]

    def attach(client: ServiceBusClient) -> ServiceBusSender:
        clients.append(client)
        return Unopened(client.fully_qualified_namespace, FakeCredential(), queue_name="q")

    connection = Connection.by_identity("contoso.servicebus.windows.net", make_credential)

    for _ in range(2):
        await connection.open(attach)
    await connection.close()

    assert clients[0] is clients[1]
    assert clients[0].fully_qualified_namespace == "contoso.servicebus.windows.net"
    assert (clients[0]._config.retry_total, clients[0]._config.try_timeout) == (0, 8.0)
    assert [credential.closed for credential in credentials] == [True]


@pytest.mark.parametrize("setting", ["", "nonsense", "Endpoint=sb://x;SharedAccessKey=topsecret", "topsecret=="])
async def test_a_bad_connection_string_is_never_quoted(setting: str) -> None:
    connection = Connection.by_connection_string(setting)

    with pytest.raises(LinkFailed, match=r"^ConnectionError$") as caught:
        await Link(connection, lambda client: client.get_queue_sender("q")).use(lambda sender: sender.close())

    causes = [caught.value, caught.value.__cause__]
    assert all("topsecret" not in str(cause) for cause in causes)
    assert str(caught.value.__cause__) == "the setting is not a Service Bus connection string"
    await connection.close()


async def test_a_credential_that_cannot_be_made_fails_the_call_and_is_tried_again() -> None:
    tries = []

    def fail() -> FakeCredential:
        tries.append(1)
        raise OSError("no identity endpoint")

    connection = Connection.by_identity("contoso.servicebus.windows.net", fail)

    with pytest.raises(LinkFailed, match=r"^OSError$"):
        await Link(connection, lambda client: client.get_queue_sender("q")).use(lambda sender: sender.close())

    assert len(tries) == 2
    await connection.close()
