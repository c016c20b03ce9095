"""Looking at the journal's table: whether it is there and may be written is told, and nothing is made or written."""

from collections.abc import AsyncIterator, Awaitable

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal.location import TableStorage
from shared.journal.table_connection import TableConnection
from tests import table_proxy
from tests.azurite import Azurite
from tests.contract.journal_contract import EVENT
from tests.table_proxy import Exchange, TableProxy, answering


@pytest.fixture
async def proxy(tables: Azurite) -> AsyncIterator[TableProxy]:
    async with table_proxy.between(tables.endpoint) as proxy:
        yield proxy


@pytest.fixture
async def connection(proxy: TableProxy, table: TableStorage) -> AsyncIterator[TableConnection]:
    connection = TableConnection(TableStorage(proxy.endpoint, table.table), lambda: pytest.fail("no"))
    yield connection
    await connection.close()


async def test_a_table_is_there_once_it_was_made_and_looking_makes_none(connection: TableConnection) -> None:
    looks = [await connection.exists(), await connection.exists()]
    await connection.query(EVENT)  # which makes it

    assert [*looks, await connection.exists()] == [False, False, True]


async def test_writing_is_proven_and_nothing_is_written(connection: TableConnection, proxy: TableProxy) -> None:
    await connection.query(EVENT)
    proxy.requests.clear()

    await connection.prove_writing()

    (request,) = proxy.requests
    assert request.startswith("PATCH ")
    assert await connection.query("nobody") == []


async def test_who_may_only_read_is_told_so(connection: TableConnection, proxy: TableProxy) -> None:
    await connection.query(EVENT)
    refused = answering(403, code="AuthorizationPermissionMismatch")

    def only_reading(exchange: Exchange) -> Awaitable[bytes | None]:
        return exchange.forward() if exchange.request.startswith(b"GET") else refused(exchange)

    proxy.fault = only_reading

    assert await connection.exists()
    with pytest.raises(JournalUnavailable, match="403 AuthorizationPermissionMismatch"):
        await connection.prove_writing()
