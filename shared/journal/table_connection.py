"""The journal's table, through azure-data-tables: how it is reached, and what can be done with its rows.

The one module of the journal that imports the SDK, which takes a while: it is itself imported at the first use. Nothing is
retried, no redirect is followed, and no environment variable names a proxy. No deadline of its own. Every method raises
JournalUnavailable, with the error's class, status and code; the SDK's own text may quote anything.
"""

import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from azure.core import MatchConditions
from azure.core.credentials import AzureNamedKeyCredential
from azure.core.credentials_async import AsyncTokenCredential
from azure.core.exceptions import HttpResponseError
from azure.data.tables import UpdateMode
from azure.data.tables.aio import TableClient

from shared.domain.errors import JournalUnavailable
from shared.journal.location import TableStorage
from shared.journal.table_entities import Entity
from shared.journal.table_tokens import StorageTokens

# Azurite's account and key, which everybody knows. Source: learn.microsoft.com/azure/storage/common/storage-connect-azurite
_EMULATED: Final = (
    "devstoreaccount1",
    "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
)
_OPTIONS: Final[dict[str, Any]] = {
    # azure-core would sleep for as long as a Retry-After says, while we hold the message's lock.
    "retry_total": 0,
    "permit_redirects": False,
    "use_env_settings": False,
}
_NOBODYS: Final = "nobody"
"""A partition, and a row, that no event has: those of events begin otherwise."""
_MOST_AT_ONCE: Final = 100
"""Operations of one transaction. Source: learn.microsoft.com/rest/api/storageservices/performing-entity-group-transactions"""
_CODE: Final = re.compile(r"[A-Za-z]{3,60}")


@dataclass(frozen=True, slots=True)
class Found:
    """A row, and what tells this version of it from others."""

    entity: Entity
    version: str


class TableConnection:
    """One table. It is made when it turns out to be missing: a journal that is there costs no operation to find out."""

    def __init__(self, where: TableStorage, make_credential: Callable[[], AsyncTokenCredential]) -> None:
        """A table in the cloud is reached with the credential's tokens, one of Azurite with the key that everybody knows."""
        self._credential: StorageTokens | None = None
        if where.endpoint.startswith("http://"):
            key = AzureNamedKeyCredential(*_EMULATED)
            self._table = TableClient(where.endpoint, where.table, credential=key, **_OPTIONS)
        else:
            self._credential = StorageTokens(make_credential())
            self._table = TableClient(where.endpoint, where.table, credential=self._credential, **_OPTIONS)

    async def insert(self, entity: Entity) -> str | None:
        """Add a row; its version, or None if there is one with its keys. Durable on return."""
        return await self._in_table(lambda: self._insert(entity))

    async def replace(self, entity: Entity, *, over: str) -> str | None:
        """Put a row in the place of a version of it; the new version, or None if another is there. Durable on return."""
        return await self._in_table(lambda: self._replace(entity, over))

    async def find(self, partition: str, row: str) -> Found | None:
        """The row with these keys, if there is one; a table that is missing has none."""
        with _translated():
            try:
                entity = await self._table.get_entity(partition, row)
            except HttpResponseError as error:
                if _code(error) in {"ResourceNotFound", "TableNotFound"}:
                    return None
                raise
            return Found(entity, str(entity.metadata["etag"]))

    async def get(self, entity: Entity) -> Entity:
        """The row with this one's keys."""
        with _translated():
            return await self._table.get_entity(entity["PartitionKey"], entity["RowKey"])

    async def query(self, partition: str) -> Sequence[Entity]:
        """All rows of a partition, of as many pages as there are."""
        return await self._in_table(lambda: self._query("PartitionKey eq @value", partition))

    async def search(self, name: str, value: str) -> Sequence[Entity]:
        """All rows that have this value as the property of that name: the service looks through the whole table."""
        return await self._in_table(lambda: self._query(f"{name} eq @value", value))

    async def partitions_before(self, order: str) -> AsyncGenerator[str]:
        """The partitions with a row whose order comes before, each once; the service looks through the whole table."""
        latest = ""
        found = self._table.query_entities("order lt @order", parameters={"order": order}, select=["PartitionKey"])
        with _translated():
            try:
                async for row in found:
                    if row["PartitionKey"] != latest:
                        latest = str(row["PartitionKey"])
                        yield latest
            except HttpResponseError as error:
                if _code(error) != "TableNotFound":
                    raise

    async def remove(self, rows: Sequence[Entity]) -> None:
        """Remove these rows of one partition, the first ones first: a hundred at once, or none of them."""
        with _translated():
            for start in range(0, len(rows), _MOST_AT_ONCE):
                keys = [
                    {key: row[key] for key in ("PartitionKey", "RowKey")} for row in rows[start : start + _MOST_AT_ONCE]
                ]
                await self._table.submit_transaction([("delete", key) for key in keys])

    async def exists(self) -> bool:
        """Whether the table is there; to be told needs the right to read rows. Makes nothing."""
        with _translated():
            try:
                await self._query("PartitionKey eq @value", _NOBODYS)
            except HttpResponseError as error:
                if _code(error) == "TableNotFound":
                    return False
                raise
        return True

    async def prove_writing(self) -> None:
        """Return if rows may be written; writes none. It asks to change a row that is not there, which only a writer is told."""
        with _translated():
            try:
                await self._table.update_entity({"PartitionKey": _NOBODYS, "RowKey": _NOBODYS})
            except HttpResponseError as error:
                if _code(error) != "ResourceNotFound":
                    raise

    async def close(self) -> None:
        """Close the connections and the credential."""
        with _translated():
            try:
                await self._table.close()
            finally:
                if self._credential is not None:
                    await self._credential.close()

    async def _insert(self, entity: Entity) -> str | None:
        try:
            written = await self._table.create_entity(entity, response_preference="return-no-content")
        except HttpResponseError as error:
            if _code(error) == "EntityAlreadyExists":
                return None
            raise
        return str(written["etag"])

    async def _replace(self, entity: Entity, over: str) -> str | None:
        condition = MatchConditions.IfNotModified
        try:
            written = await self._table.update_entity(entity, UpdateMode.REPLACE, etag=over, match_condition=condition)
        except HttpResponseError as error:
            if _code(error) in {"UpdateConditionNotSatisfied", "ResourceNotFound"}:
                return None
            raise
        return str(written["etag"])

    async def _query(self, condition: str, value: str) -> Sequence[Entity]:
        return [row async for row in self._table.query_entities(condition, parameters={"value": value})]

    async def _in_table[T](self, operation: Callable[[], Awaitable[T]]) -> T:
        with _translated():
            try:
                return await operation()
            except HttpResponseError as error:
                if _code(error) != "TableNotFound":
                    raise
            await self._create()
            return await operation()

    async def _create(self) -> None:
        try:
            await self._table.create_table()
        except HttpResponseError as error:
            if _code(error) != "TableAlreadyExists":  # another process may just have made it
                raise


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except Exception as error:  # the SDK stumbles over odd answers in many ways: all mean that nothing is known
        raise JournalUnavailable(f"journal: {_name_of(error)}") from error


def _name_of(error: Exception) -> str:
    name = type(error).__name__
    if not isinstance(error, HttpResponseError) or error.status_code is None:
        return name
    return f"{name} ({' '.join(filter(None, [str(error.status_code), _code(error)]))})"


def _code(error: HttpResponseError) -> str:
    """The service's own name for the error; not every method of the SDK tells it. Empty if the answer has none."""
    response: Any = error.response
    if response is None:
        return ""
    code = response.headers.get("x-ms-error-code")
    if code is None:
        try:
            code = json.loads(response.text())["odata.error"]["code"]
        except (ValueError, KeyError, TypeError, AttributeError):
            return ""
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
