"""Who the parts are when they call, how they call the identity endpoint, what the libraries may log, and how all is closed."""

import asyncio
import hashlib
import hmac
import logging

import pytest
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import AzureError

from emulators.graph.emulator import GraphEmulator
from emulators.graph.faults import Hang, Status, When
from emulators.graph.tenant import Tenant
from emulators.identity.emulator import IdentityEmulator
from shared import bootstrap
from shared.domain.errors import GraphUnavailable
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import TableJournal
from shared.journal.table_records import TableRecords
from tests.integration.wiring.wired import AZURE, GRAPHS, KEY, LOCAL, SERVICE_BUSES, built


async def credentials(**changes: str) -> list[AsyncTokenCredential]:
    """Those of Graph, of the journal, the shared records and Service Bus, as the parts make them at their first call."""
    parts = built(AZURE, **changes)
    records = bootstrap.build_records(bootstrap.load_settings({**AZURE, **changes}))
    assert isinstance(parts.journal, TableJournal)
    assert isinstance(records, TableRecords)
    parts.connection._client_of_process()
    service_bus = parts.connection._credential
    assert service_bus is not None
    return [parts.graph._credential(), parts.journal._credential(), records._credential(), service_bus]


async def ask(every: list[AsyncTokenCredential]) -> None:
    for each in every:
        async with each:
            await each.get_token("https://graph.microsoft.us/.default")


async def test_each_part_signs_in_as_its_own_identity(identity: IdentityEmulator) -> None:
    await ask(await credentials())

    assert [call.query["client_id"] for call in identity.calls] == [GRAPHS, GRAPHS, GRAPHS, SERVICE_BUSES]


async def test_without_client_ids_all_sign_in_as_the_app_itself(identity: IdentityEmulator) -> None:
    await ask(await credentials(AZURE_CLIENT_ID="", ServiceBusConnection__clientId=""))

    assert ["client_id" in call.query for call in identity.calls] == [False] * 4


async def test_rule_11_an_identity_endpoint_that_is_down_is_asked_once_and_not_waited_for(
    identity: IdentityEmulator,
) -> None:
    identity.faults.add(When(), Status(503, headers={"Retry-After": "1"}))

    for each in await credentials():
        async with each:
            with pytest.raises(AzureError):
                await each.get_token("https://graph.microsoft.us/.default")

    assert len(identity.calls) == 4


async def test_rule_10_no_proxy_of_the_environment_sees_the_secret_of_the_identity_endpoint(
    identity: IdentityEmulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    with IdentityEmulator() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name, raising=False)

        await ask(await credentials())

        assert (len(identity.calls), len(proxy.calls)) == (4, 0)


def test_the_libraries_log_no_whole_urls_and_no_answers_of_the_identity_endpoint() -> None:
    built(LOCAL)

    loudest = {
        name: next(level for level in (10, 20, 30, 40) if logging.getLogger(name).isEnabledFor(level))
        for name in ("azure.core.pipeline", "azure.servicebus", "httpx", "httpcore.http11", "azure.identity.aio")
    }
    quietest = loudest.pop("azure.identity.aio")
    assert set(loudest.values()) == {logging.WARNING}
    assert quietest == logging.ERROR


def test_pseudonyms_are_keyed_and_the_same_in_every_process_with_the_key() -> None:
    expected = hmac.new(KEY.encode(), b"leaver@contoso.com", hashlib.sha256).hexdigest()[:16]

    assert {built(LOCAL).processor.runs.pseudonym("Leaver@Contoso.com") for _ in range(2)} == {expected}


def test_without_a_key_no_two_processes_have_the_same_pseudonyms() -> None:
    assert len({built(LOCAL, LOG_HASH_KEY="").processor.runs.pseudonym("leaver@contoso.com") for _ in range(3)}) == 3


async def test_closing_gives_up_the_scan_and_closes_all_that_is_open(identity: IdentityEmulator) -> None:
    hang = Hang()
    with GraphEmulator(Tenant()) as graph:
        parts = built(LOCAL, GRAPH_ENDPOINT=graph.endpoint)
        graph.faults.add(When(), hang)
        scan = asyncio.create_task(parts.devices.directory())
        async with asyncio.timeout(20):
            while not graph.calls:  # noqa: ASYNC110 - the emulator runs in a thread of its own
                await asyncio.sleep(0.01)

        await parts.processor.close()

        with pytest.raises(GraphUnavailable, match="stopping"):
            await scan
        hang.release()
    assert parts.graph._connection is None
    assert parts.connection._closed
    assert isinstance(parts.journal, SqliteJournal)
    assert parts.journal._thread._shutdown
