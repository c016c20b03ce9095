"""The journal in Azure Table Storage. Implements its ports; table_entities knows the rows, table_connection the SDK.

Knows deadlines, and how rows keep their order although the service numbers none and clocks differ: a writer takes its own time,
raised above all that it has written or read; so whatever was written by one who had read an event's rows comes after them.
An append whose answer was lost may have been written: repeating it adds the entry twice, which readers tolerate (see sqlite).
"""

import asyncio
import secrets
from collections.abc import Callable, Iterable, Sequence
from contextlib import aclosing, suppress
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from shared import ports
from shared.domain.acts import Act
from shared.domain.errors import JournalUnavailable
from shared.domain.history import Entry, History
from shared.domain.identifiers import EventId, SerialNumber, UserPrincipalName, same
from shared.journal import table_entities
from shared.journal.location import TableStorage
from shared.journal.table_access import TableAccess
from shared.journal.table_entities import Entity, Named
from shared.messaging.conclusion import Conclusion

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared.journal.table_connection import TableConnection

DEADLINE: Final = timedelta(seconds=15)
SEARCH_DEADLINE: Final = timedelta(seconds=120)
"""A search goes through the whole table."""
CLEANING: Final = timedelta(seconds=10)
"""A clean-up stops after this, wherever it is by then."""


class TableJournal(TableAccess):
    """A journal in one table, shared by all processes; implements ports.Journal, JournalSearch, JournalCleaning.

    `credential` makes what hands out tokens; it is called at the first use, not before, and never for Azurite.
    """

    def __init__(
        self,
        where: TableStorage,
        *,
        credential: "Callable[[], AsyncTokenCredential]",
        clock: ports.Clock,
        deadline: timedelta = DEADLINE,
        cleaning: timedelta = CLEANING,
    ) -> None:
        super().__init__(where, credential=credential, deadline=deadline, name="journal", its="its")
        self._clock = clock
        self._cleaning = cleaning
        self._writer = secrets.token_hex(4)
        self._latest = 0

    async def read(self, event_id: EventId) -> ports.Record:
        """Everything on record about the event; see ports.Journal."""
        async with self.one_call() as table:
            found = table_entities.in_order(await table.query(table_entities.partition(event_id)))
            if found:
                self._latest = max(self._latest, table_entities.order_of(found[-1]))
            return ports.Record(
                History.of(table_entities.entries(found)),
                tuple(table_entities.conclusions(found)),
                tuple(table_entities.acts(found)),
            )

    async def append(self, entry: Entry) -> None:
        """Add one entry; see ports.Journal. Harmless when repeated."""
        async with self.one_call() as table:
            if await table.insert(table_entities.of_entry(entry, self._next_order(), self._writer)) is None:
                raise JournalUnavailable("journal: an entry's key is taken")

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Write how a run ended unless that is on record; see ports.Journal."""
        entity = table_entities.of_conclusion(conclusion, self._next_order())
        async with self.one_call() as table:
            if await table.insert(entity) is not None:
                return conclusion
            (found,) = table_entities.conclusions([await table.get(entity)])
            return found

    async def note(self, act: Act) -> Act:
        """Write what an operator did unless that is on record; see ports.Journal."""
        entity = table_entities.of_act(act, self._next_order())
        async with self.one_call() as table:
            if await table.insert(entity) is not None:
                return act
            (found,) = table_entities.acts([await table.get(entity)])
            return found

    async def of_user(self, user: UserPrincipalName) -> Sequence[EventId]:
        """What has an entry that names the user; see journal_ports.JournalSearch."""
        found = await self._search(Named.USER, user, table_entities.entries)
        return list(dict.fromkeys(each.event_id for each in found if same(each.device.user_principal_name, user)))

    async def of_serial_number(self, serial_number: SerialNumber) -> Sequence[EventId]:
        """What has an entry about the device; see journal_ports.JournalSearch."""
        found = await self._search(Named.SERIAL_NUMBER, serial_number, table_entities.entries)
        return list(dict.fromkeys(each.event_id for each in found if same(each.device.serial_number, serial_number)))

    async def of_ticket(self, ticket: str) -> Sequence[EventId]:
        """What has ended with this ticket; see journal_ports.JournalSearch."""
        found = await self._search(Named.TICKET, ticket, table_entities.conclusions)
        return list(dict.fromkeys(each.event_id for each in found if same(each.ticket, ticket)))

    async def remove_older_than(self, moment: datetime, at_most: int) -> int:
        """Remove whole events; see journal_ports.JournalCleaning. A row that can't be read keeps its event."""
        bound, removed = table_entities.order_text(table_entities.order_at(moment)), 0
        async with self.one_call() as table, aclosing(table.partitions_before(bound)) as partitions:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._cleaning.total_seconds()):
                    async for partition in partitions:
                        if removed == at_most:
                            break
                        removed += await _removed(table, partition, bound)
        return removed

    async def _search[T](self, what: Named, name: str, read: Callable[[Sequence[Entity]], Iterable[T]]) -> Sequence[T]:
        async with self.one_call(SEARCH_DEADLINE) as table:
            found = await table.search(what.value, table_entities.searched(name))
            return list(read(table_entities.in_order(found)))

    def _next_order(self) -> int:
        self._latest = max(self._latest + 1, table_entities.order_at(self._clock.now()))
        return self._latest


async def _removed(table: "TableConnection", partition: str, bound: str) -> bool:
    """Remove the rows of a partition, the oldest first, if all their orders come before the bound."""
    found = await table.query(partition)
    if not found or any(str(row.get("order", "~")) >= bound for row in found):
        return False
    await table.remove(sorted(found, key=lambda row: str(row["order"])))
    return True
