"""The journal contract, for the fake that other tests use."""

import pytest

from tests.contract.journal_contract import JournalContract
from tests.fakes_journal import InMemoryJournal


class TestInMemoryJournal(JournalContract):
    @pytest.fixture
    def journal(self) -> InMemoryJournal:
        return InMemoryJournal()
