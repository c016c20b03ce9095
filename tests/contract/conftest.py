"""One Azurite for all contract tests; each test has a table of its own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from shared.journal.location import TableStorage
from tests import azurite
from tests.azurite import Azurite


@pytest.fixture(scope="session")
def tables() -> Iterator[Azurite]:
    with azurite.running() as service:
        yield service


@pytest.fixture
def table(tables: Azurite) -> TableStorage:
    """A table that nobody has made yet."""
    return TableStorage(tables.endpoint, f"journal{uuid4().hex}")
