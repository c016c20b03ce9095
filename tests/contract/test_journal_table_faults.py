"""The journal in Table Storage when the service is out of reach: it says so in time, quotes nothing, and recovers by itself."""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from azure.core.credentials import AzureNamedKeyCredential
from azure.data.tables.aio import TableClient

from shared.domain.errors import JournalUnavailable
from shared.domain.history import Step
from shared.journal import table_entities
from shared.journal.location import TableStorage
from shared.journal.table import TableJournal
from tests import azurite, table_proxy
from tests.azurite import Azurite
from tests.contract.journal_contract import EVENT, NOON, a_conclusion, an_entry
from tests.fakes import FakeClock
from tests.table_proxy import TableProxy, answering


@pytest.fixture
async def proxy(tables: Azurite) -> AsyncIterator[TableProxy]:
    async with table_proxy.between(tables.endpoint) as proxy:
        yield proxy


@pytest.fixture
async def journal(proxy: TableProxy, table: TableStorage) -> AsyncIterator[TableJournal]:
    """Behind the proxy; its table is there."""
    journal = a_journal(TableStorage(proxy.endpoint, table.table))
    await journal.read(EVENT)
    proxy.requests.clear()
    proxy.asked.clear()
    yield journal
    await journal.close()


def a_journal(where: TableStorage, deadline: timedelta = timedelta(seconds=15)) -> TableJournal:
    return TableJournal(where, credential=lambda: pytest.fail("no"), clock=FakeClock(NOON), deadline=deadline)


async def test_a_device_costs_two_operations_and_its_event_two_more(journal: TableJournal, proxy: TableProxy) -> None:
    await journal.read(EVENT)
    await journal.append(an_entry(Step.INTENT))
    await journal.append(an_entry(Step.ACCEPTED))
    await journal.conclude(a_conclusion())

    assert [request.split()[0] for request in proxy.requests] == ["GET", "POST", "POST", "POST"]


FAULTS = [
    pytest.param(answering(500, code="InternalError"), "500 InternalError", id="500"),
    pytest.param(answering(503, code="ServerBusy", headers="Retry-After: 3600\r\n"), "503 ServerBusy", id="busy"),
    pytest.param(answering(429, headers="Retry-After: 3600\r\n"), r"\(429\)", id="429"),
    pytest.param(
        answering(403, code="AuthorizationPermissionMismatch"), "403 AuthorizationPermissionMismatch", id="403"
    ),
    pytest.param(answering(401, code="AuthenticationFailed"), "401 AuthenticationFailed", id="401"),
    pytest.param(answering(404, code="ResourceNotFound"), "404 ResourceNotFound", id="another 404"),
    pytest.param(answering(409, code="TableBeingDeleted"), "409 TableBeingDeleted", id="being deleted"),
    pytest.param(answering(413, code="ada@contoso.com"), r"\(413\)", id="a code that is none"),
    pytest.param(answering(400, '{"odata.error": [7]}'), r"\(400\)", id="an odd error"),
    pytest.param(answering(302, headers="Location: http://127.0.0.1:9/\r\n"), "302", id="a redirect"),
    pytest.param(answering(200, "<html>ada@contoso.com</html>"), "^journal: ", id="a proxy's page"),
    pytest.param(answering(200, '{"value": [{"Part'), "^journal: ", id="cut JSON"),
    pytest.param(answering(200, '{"value": 7}'), "^journal: ", id="odd JSON"),
    pytest.param(answering(200, '{"value": [{"PartitionKey": "x"}]}'), "^journal: ", id="an odd row"),
    pytest.param(table_proxy.cutting, "^journal: Service", id="cut"),
]


@pytest.mark.parametrize(("fault", "text"), FAULTS)
async def test_a_failure_is_reported_at_once_and_quotes_nothing(
    journal: TableJournal, proxy: TableProxy, fault: table_proxy.Fault, text: str
) -> None:
    proxy.fault = fault
    started = time.monotonic()

    for call in (journal.read(EVENT), journal.append(an_entry()), journal.conclude(a_conclusion())):
        with pytest.raises(JournalUnavailable, match=text) as raised:
            await call
        assert "contoso" not in str(raised.value)
    assert time.monotonic() - started < 5
    assert len([request for request in proxy.requests if request.startswith("POST ")]) == 2
    assert len(proxy.requests) <= 4  # aiohttp itself repeats a GET, once, on a connection that was cut

    proxy.fault = None
    await journal.append(an_entry())
    assert (await journal.read(EVENT)).history.entries == (an_entry(),)


async def test_rule_11_a_call_ends_at_its_deadline(proxy: TableProxy, table: TableStorage) -> None:
    journal = a_journal(TableStorage(proxy.endpoint, table.table), deadline=timedelta(milliseconds=300))
    proxy.fault = table_proxy.never_answering

    for call in (journal.read(EVENT), journal.append(an_entry()), journal.conclude(a_conclusion())):
        with pytest.raises(JournalUnavailable, match=r"^journal: no answer within its deadline$"):
            await call

    await journal.close()


async def test_what_was_written_though_the_answer_was_lost_is_found(journal: TableJournal, proxy: TableProxy) -> None:
    proxy.fault = table_proxy.losing_the_answer
    with pytest.raises(JournalUnavailable):
        await journal.append(an_entry())
    with pytest.raises(JournalUnavailable):
        await journal.conclude(a_conclusion("first"))

    proxy.fault = None

    assert await journal.conclude(a_conclusion("second")) == a_conclusion("first")
    assert (await journal.read(EVENT)).history.entries == (an_entry(),)


async def test_a_cancelled_call_leaves_the_journal_usable(journal: TableJournal, proxy: TableProxy) -> None:
    proxy.fault = table_proxy.never_answering
    call = asyncio.create_task(journal.append(an_entry()))
    await proxy.asked.wait()

    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    proxy.fault = None

    assert (await journal.read(EVENT)).history.entries == ()


async def test_a_service_that_went_away_is_used_again_when_it_is_back(tmp_path: Path) -> None:
    with azurite.running(tmp_path) as service:
        journal = a_journal(TableStorage(service.endpoint, "journal"))
        await journal.append(an_entry())

        service.stop()
        with pytest.raises(JournalUnavailable):
            await journal.read(EVENT)
        service.start()

        assert (await journal.read(EVENT)).history.entries == (an_entry(),)
        await journal.close()


async def test_a_closed_journal_opens_anew(journal: TableJournal) -> None:
    await journal.close()

    await journal.append(an_entry())

    assert (await journal.read(EVENT)).history.entries == (an_entry(),)


@pytest.mark.parametrize(
    "damage",
    [{"content": "{"}, {"content": None}, {"order": "x"}, {"order": None}, {"content": None, "packed0": b"x"}],
    ids=str,
)
async def test_a_row_that_cannot_be_read_is_reported_without_quoting_it(
    table: TableStorage, damage: dict[str, object]
) -> None:
    journal = a_journal(table)
    await journal.append(an_entry(Step.INTENT))
    await put(table, {**table_entities.of_entry(an_entry(), 1, "other"), **damage})

    with pytest.raises(JournalUnavailable, match=r"^journal: an? (entry|row) is damaged, or of a later version$"):
        await journal.read(EVENT)

    await journal.close()


async def test_rows_of_a_kind_that_this_version_does_not_know_are_left_out(table: TableStorage) -> None:
    journal = a_journal(table)
    await journal.append(an_entry())
    await put(table, {**table_entities.of_entry(an_entry(), 1, "other"), "kind": "of a later version"})

    assert (await journal.read(EVENT)).history.entries == (an_entry(),)
    await journal.close()


async def put(where: TableStorage, entity: table_entities.Entity) -> None:
    from shared.journal import table_connection

    key = AzureNamedKeyCredential(*table_connection._EMULATED)
    async with TableClient(where.endpoint, where.table, credential=key) as client:
        await client.create_entity({name: value for name, value in entity.items() if value is not None})
