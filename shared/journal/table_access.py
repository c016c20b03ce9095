"""How the journal's table is reached: by one connection, made at the first use, and for each call within a deadline.

Knows the connection's life and what its failures are told as; nothing of rows.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from shared.domain.errors import JournalUnavailable
from shared.journal.location import TableStorage
from shared.journal.rows import UnreadableRow

if TYPE_CHECKING:
    from azure.core.credentials_async import AsyncTokenCredential

    from shared.journal.table_connection import TableConnection


class TableAccess:
    """What lies in the table has this in common. `name` begins the texts of errors, and `its` is its possessive.

    `credential` makes what hands out tokens; it is called at the first use, not before, and never for Azurite.
    """

    def __init__(
        self,
        where: TableStorage,
        *,
        credential: "Callable[[], AsyncTokenCredential]",
        deadline: timedelta,
        name: str,
        its: str,
    ) -> None:
        self._where = where
        self._credential = credential
        self._deadline = deadline
        self._name, self._its = name, its
        self._connection: TableConnection | None = None

    async def close(self) -> None:
        """Close the connections, within the deadline; a call after that opens them anew."""
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            async with asyncio.timeout(self._deadline.total_seconds()):
                await connection.close()
        except TimeoutError:
            raise JournalUnavailable(f"{self._name}: not closed within {self._its} deadline") from None

    @asynccontextmanager
    async def one_call(self, deadline: timedelta | None = None) -> "AsyncIterator[TableConnection]":
        """The table, for the operations of one call, which share its deadline. Raises JournalUnavailable."""
        try:
            async with asyncio.timeout((deadline or self._deadline).total_seconds()):
                yield self._connect()
        except TimeoutError:
            raise JournalUnavailable(f"{self._name}: no answer within {self._its} deadline") from None
        except UnreadableRow as error:
            raise JournalUnavailable(f"{self._name}: {error}") from error

    def _connect(self) -> "TableConnection":
        if self._connection is None:
            # The SDK takes some 100 ms to import; a cold start should not wait for it before there is a message.
            from shared.journal.table_connection import TableConnection  # noqa: PLC0415

            self._connection = TableConnection(self._where, self._credential)
        return self._connection
