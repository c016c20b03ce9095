"""The contract of the shared records, for those in Azure Table Storage, on Azurite; and what is the table's own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import NoReturn

import pytest

from shared.domain.errors import JournalUnavailable
from shared.journal import table_records
from shared.journal.location import TableStorage
from shared.journal.table import TableJournal
from shared.journal.table_records import TableRecords
from tests import table_proxy
from tests.azurite import Azurite
from tests.contract.journal_contract import EVENT, NOON, an_entry
from tests.contract.shared_record_contract import SharedRecordContract
from tests.fakes import FakeClock
from tests.table_proxy import TableProxy, answering

type Open = Callable[[], TableRecords]


def no_credential() -> NoReturn:
    pytest.fail("Azurite is reached with its key")


@pytest.fixture
async def open_records(table: TableStorage) -> AsyncIterator[Open]:
    """Opens the records of the test's table, as another process would."""
    opened: list[TableRecords] = []

    def open_records() -> TableRecords:
        opened.append(TableRecords(table, credential=no_credential))
        return opened[-1]

    yield open_records
    for records in opened:
        await records.close()


@pytest.fixture
async def proxy(tables: Azurite) -> AsyncIterator[TableProxy]:
    async with table_proxy.between(tables.endpoint) as proxy:
        yield proxy


@pytest.fixture
async def behind(proxy: TableProxy, table: TableStorage) -> AsyncIterator[TableRecords]:
    """Records behind the proxy; the table is there."""
    records = TableRecords(TableStorage(proxy.endpoint, table.table), credential=no_credential)
    await records.record("other").write("", over=None)
    proxy.requests.clear()
    yield records
    await records.close()


class TestTableRecords(SharedRecordContract):
    @pytest.fixture
    def records(self, open_records: Open) -> TableRecords:
        return open_records()

    async def test_processes_share_them(self, open_records: Open) -> None:
        one, other = open_records().record("quota"), open_records().record("quota")

        version = await one.write("one's", over=None)
        assert await other.write("other's", over=version) is not None

        state = await one.read()
        assert state is not None
        assert state.text == "other's"

    async def test_the_table_is_made_by_whoever_comes_first_and_nobody_minds_the_others(
        self, open_records: Open
    ) -> None:
        written = await asyncio.gather(*(open_records().record("quota").write("x", over=None) for _ in range(5)))

        assert len([each for each in written if each is not None]) == 1

    async def test_a_journal_in_the_same_table_is_not_disturbed(
        self, table: TableStorage, records: TableRecords
    ) -> None:
        journal = TableJournal(table, credential=no_credential, clock=FakeClock(NOON))
        await records.record("quota").write("text", over=None)
        await journal.append(an_entry())

        assert (await journal.read(EVENT)).history.entries == (an_entry(),)
        state = await records.record("quota").read()
        assert state is not None
        assert state.text == "text"
        await journal.close()

    async def test_a_version_that_is_gone_is_not_replaced(self, open_records: Open, table: TableStorage) -> None:
        record = open_records().record("quota")
        version = await record.write("one", over=None)
        await delete_table(table)

        assert await record.write("two", over=version) is None
        assert await record.read() is None
        assert await record.write("anew", over=None) is not None


async def test_each_call_is_one_operation(behind: TableRecords, proxy: TableProxy) -> None:
    record = behind.record("quota")

    await record.read()
    version = await record.write("one", over=None)
    await record.write("two", over=version)
    await record.write("lost", over=version)

    assert [request.split()[0] for request in proxy.requests] == ["GET", "POST", "PUT", "PUT"]


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(answering(500, code="InternalError"), id="500"),
        pytest.param(answering(503, code="ServerBusy", headers="Retry-After: 3600\r\n"), id="busy"),
        pytest.param(answering(403, code="AuthorizationPermissionMismatch"), id="403"),
        pytest.param(answering(404), id="a 404 that says nothing"),
        pytest.param(answering(409, code="TableBeingDeleted"), id="being deleted"),
        pytest.param(answering(200, "<html>ada@contoso.com</html>"), id="a proxy's page"),
        pytest.param(answering(200, '{"value": 7}'), id="odd JSON"),
        pytest.param(table_proxy.cutting, id="cut"),
    ],
)
async def test_a_failure_is_reported_at_once_and_quotes_nothing(
    behind: TableRecords, proxy: TableProxy, fault: table_proxy.Fault
) -> None:
    record = behind.record("quota")
    version = await record.write("one", over=None)
    proxy.fault = fault

    for call in (record.read(), record.write("made", over=None), record.write("two", over=version)):
        with pytest.raises(JournalUnavailable) as raised:
            await call
        assert "contoso" not in str(raised.value)

    proxy.fault = None
    assert await record.write("two", over=version) is not None


async def test_rule_11_a_call_ends_at_its_deadline(proxy: TableProxy, table: TableStorage) -> None:
    where = TableStorage(proxy.endpoint, table.table)
    records = TableRecords(where, credential=no_credential, deadline=timedelta(milliseconds=300))
    proxy.fault = table_proxy.never_answering

    for call in (records.record("quota").read(), records.record("quota").write("x", over=None)):
        with pytest.raises(JournalUnavailable, match=r"^records: no answer within their deadline$"):
            await call

    await records.close()


async def test_a_write_whose_answer_was_lost_may_have_been_made(behind: TableRecords, proxy: TableProxy) -> None:
    record = behind.record("quota")
    version = await record.write("one", over=None)
    proxy.fault = table_proxy.losing_the_answer
    with pytest.raises(JournalUnavailable):
        await record.write("two", over=version)
    proxy.fault = None

    assert await record.write("three", over=version) is None
    state = await record.read()
    assert state is not None
    assert state.text == "two"


async def test_closed_records_open_anew(behind: TableRecords) -> None:
    await behind.close()

    assert await behind.record("quota").write("one", over=None) is not None


def test_rule_11_nobody_waits_for_a_record_for_longer_than_three_seconds() -> None:
    assert timedelta(0) < table_records.DEADLINE <= timedelta(seconds=3)


async def delete_table(where: TableStorage) -> None:
    from azure.core.credentials import AzureNamedKeyCredential
    from azure.data.tables.aio import TableClient

    from shared.journal import table_connection

    key = AzureNamedKeyCredential(*table_connection._EMULATED)
    async with TableClient(where.endpoint, where.table, credential=key) as client:
        await client.delete_table()
