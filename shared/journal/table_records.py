"""The shared records in Azure Table Storage. Implements ports.SharedRecords; table_connection knows the SDK.

Knows deadlines: who asks has something to do without the record, so it waits for a shorter time than for the journal. A write whose
answer was lost may have been made: then the next one finds another version there.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.domain.errors import JournalUnavailable
from shared.journal import table_entities
from shared.journal.location import TableStorage
from shared.journal.rows import UnreadableRow
from shared.ports import RecordState, SharedRecord

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared.journal.table_connection import TableConnection

DEADLINE: Final = timedelta(seconds=3)


class TableRecords:
    """The records in the journal's table, shared by all processes.

    `credential` makes what hands out tokens; it is called at the first use, not before, and never for Azurite.
    """

    def __init__(
        self,
        where: TableStorage,
        *,
        credential: "Callable[[], AsyncTokenCredential]",
        deadline: timedelta = DEADLINE,
    ) -> None:
        self._where = where
        self._credential = credential
        self._deadline = deadline
        self._connection: TableConnection | None = None

    def record(self, name: str) -> SharedRecord:
        """The record of that name; see ports.SharedRecords."""
        return _Record(self, name)

    async def close(self) -> None:
        """Close the connections, within the deadline; a call after that opens them anew."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await connection.close()
        except TimeoutError:
            raise JournalUnavailable("records: not closed within their deadline") from None

    @asynccontextmanager
    async def one_call(self) -> "AsyncIterator[TableConnection]":
        """The table, for the operations of one call, which share its deadline. Raises JournalUnavailable."""
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                yield self._connect()
        except TimeoutError:
            raise JournalUnavailable("records: no answer within their deadline") from None
        except UnreadableRow as error:
            raise JournalUnavailable(f"records: {error}") from error

    def _connect(self) -> "TableConnection":
        if self._connection is None:
            # The SDK takes some 100 ms to import; a cold start should not wait for it before there is a message.
            from shared.journal.table_connection import TableConnection  # noqa: PLC0415

            self._connection = TableConnection(self._where, self._credential)
        return self._connection


@dataclass(frozen=True, slots=True)
class _Record:
    """One row; implements ports.SharedRecord."""

    records: TableRecords
    name: str

    async def read(self) -> RecordState | None:
        """The record as it is; see ports.SharedRecord."""
        async with self.records.one_call() as table:
            found = await table.find(*table_entities.record_keys(self.name))
            return None if found is None else RecordState(table_entities.record_text(found.entity), found.version)

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Replace a version; see ports.SharedRecord."""
        entity = table_entities.of_record(self.name, text)
        async with self.records.one_call() as table:
            return await (table.insert(entity) if over is None else table.replace(entity, over=over))
