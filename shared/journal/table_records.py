"""The shared records in Azure Table Storage. Implements ports.SharedRecords; table_connection knows the SDK.

Knows deadlines: who asks has something to do without the record, so it waits for a shorter time than for the journal. A write whose
answer was lost may have been made: then the next one finds another version there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from shared.journal import table_entities
from shared.journal.location import TableStorage
from shared.journal.table_access import TableAccess
from shared.ports import RecordState, SharedRecord

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential


DEADLINE: Final = timedelta(seconds=3)


class TableRecords(TableAccess):
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
        super().__init__(where, credential=credential, deadline=deadline, name="records", its="their")

    def record(self, name: str) -> SharedRecord:
        """The record of that name; see ports.SharedRecords."""
        return _Record(self, name)


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
