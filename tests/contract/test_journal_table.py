"""The journal contract, for the adapter of Azure Table Storage, on Azurite."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from shared.domain.history import Step
from shared.domain.identifiers import EventId
from shared.journal import table_entities
from shared.journal.location import TableStorage
from shared.journal.table import TableJournal
from tests.contract.journal_contract import EVENT, NOON, JournalContract, a_conclusion, an_entry
from tests.fakes import FakeClock

type Open = Callable[..., TableJournal]


def no_credential() -> None:
    pytest.fail("Azurite is reached with its key")


@pytest.fixture
async def open_journal(table: TableStorage) -> AsyncIterator[Open]:
    """Opens a journal in the test's table, as another process would."""
    opened: list[TableJournal] = []

    def open_journal(now=NOON) -> TableJournal:
        opened.append(TableJournal(table, credential=no_credential, clock=FakeClock(now)))
        return opened[-1]

    yield open_journal
    for journal in opened:
        await journal.close()


class TestTableJournal(JournalContract):
    @pytest.fixture
    def journal(self, open_journal: Open) -> TableJournal:
        return open_journal()
