r"""Journal rows and shared records as entities of a table: their keys, their order, their text, and back. Pure; knows no storage.

A partition holds all rows of one event, so that reading it is one query. Limits of an entity: 32 Ki characters or 64 KiB in one
property, 1 MiB in all, and keys without `/`, `\`, `#`, `?` and control characters.
Source: learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from shared.domain.acts import Act
from shared.domain.history import Entry
from shared.domain.identifiers import EventId, folded
from shared.journal import rows
from shared.messaging.conclusion import Conclusion

type Entity = Mapping[str, Any]

_ENTRY: Final = "entry"
_CONCLUSION: Final = "conclusion"
_ACT: Final = "act"
_RECORD: Final = "record"

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_IN_KEYS: Final = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST_NAME: Final = 200
_LONGEST_TEXT: Final = 32_000
_LONGEST_PIECE: Final = 64 * 1024
_LONGEST_SEARCHED: Final = 1_000


class Named(StrEnum):
    """The properties that an entry, or for a ticket a conclusion, can be found by."""

    USER = "user"
    SERIAL_NUMBER = "serial"
    TICKET = "ticket"


def order_at(moment: datetime) -> int:
    """The order of a row that is written at this moment: microseconds since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def partition(event_id: EventId) -> str:
    """The partition of an event; the id can be read in it. Other partitions of the table have another prefix."""
    return f"event-{_escaped(event_id)}"


def of_entry(entry: Entry, order: int, writer: str) -> Entity:
    """An entry; `writer` tells apart two that have the same order, and is no other process's."""
    row_key = f"{_ENTRY}-{order:020}-{writer}"
    names = {
        Named.USER: entry.device.user_principal_name,
        Named.SERIAL_NUMBER: entry.device.serial_number,
    }
    found_by = {what.value: searched(name) for what, name in names.items() if name}
    return {**_entity(entry.event_id, row_key, _ENTRY, order, rows.from_entry(entry)), **found_by}


def searched(name: str) -> str:
    """A name as rows are searched by it: as we compare names, and short enough for a property."""
    return folded(name)[:_LONGEST_SEARCHED]


def order_text(order: int) -> str:
    """An order as a row has it: always of the same length, so that it sorts as the number does."""
    return f"{order:020}"


def of_conclusion(conclusion: Conclusion, order: int) -> Entity:
    """A conclusion; there can be only one for each event, run, mode and fingerprint."""
    mode = "dry" if conclusion.dry_run else "live"
    row_key = f"{_CONCLUSION}-{conclusion.run}-{mode}-{_escaped(conclusion.fingerprint)}"
    ticket = conclusion.ticket
    found_by = {Named.TICKET.value: searched(ticket)} if ticket else {}
    return {**_entity(conclusion.event_id, row_key, _CONCLUSION, order, rows.from_conclusion(conclusion)), **found_by}


def of_act(act: Act, order: int) -> Entity:
    """An act; there can be only one for each event, kind and act id."""
    row_key = f"{_ACT}-{act.kind}-{_escaped(act.act_id)}"
    return _entity(act.event_id, row_key, _ACT, order, rows.from_act(act))


def of_record(name: str, text: str) -> Entity:
    """A shared record; there can be only one for each name, in a partition of its own."""
    partition_key, row_key = record_keys(name)
    return {"PartitionKey": partition_key, "RowKey": row_key, "kind": _RECORD, **_content(text)}


def record_keys(name: str) -> tuple[str, str]:
    """Partition and row of the shared record of that name."""
    return f"{_RECORD}-{_escaped(name)}", _RECORD


def record_text(entity: Entity) -> str:
    """The text of a shared record. Raises UnreadableRow."""
    return _text(entity)


def in_order(entities: Iterable[Entity]) -> Sequence[Entity]:
    """The rows as they were written, oldest first. Raises UnreadableRow."""
    return sorted(entities, key=lambda entity: (order_of(entity), str(entity.get("RowKey"))))


def order_of(entity: Entity) -> int:
    """A row's order. Raises UnreadableRow."""
    order = entity.get("order")
    if not (isinstance(order, str) and order.isascii() and order.isdigit()):
        raise rows.UnreadableRow("a row is damaged, or of a later version")
    return int(order)


def entries(entities: Iterable[Entity]) -> Iterator[Entry]:
    """The entries among the rows. Raises UnreadableRow."""
    return (rows.to_entry(_text(entity)) for entity in entities if entity.get("kind") == _ENTRY)


def conclusions(entities: Iterable[Entity]) -> Iterator[Conclusion]:
    """The conclusions among the rows. Raises UnreadableRow."""
    return (rows.to_conclusion(_text(entity)) for entity in entities if entity.get("kind") == _CONCLUSION)


def acts(entities: Iterable[Entity]) -> Iterator[Act]:
    """The acts among the rows. Raises UnreadableRow."""
    return (rows.to_act(_text(entity)) for entity in entities if entity.get("kind") == _ACT)


def _entity(event_id: EventId, row_key: str, kind: str, order: int, text: str) -> Entity:
    return {
        "PartitionKey": partition(event_id),
        "RowKey": row_key,
        "kind": kind,
        "order": order_text(order),
        **_content(text),
    }


def _content(text: str) -> dict[str, str | bytes]:
    """The text as it is, for whoever looks at the table; packed, and in pieces, if it is too long for one property."""
    if len(text) <= _LONGEST_TEXT:
        return {"content": text}
    packed = zlib.compress(text.encode("ascii"))
    starts = range(0, len(packed), _LONGEST_PIECE)
    return {f"packed{n}": packed[start : start + _LONGEST_PIECE] for n, start in enumerate(starts)}


def _text(entity: Entity) -> str:
    content = entity.get("content")
    if isinstance(content, str):
        return content
    try:
        return zlib.decompress(b"".join(_pieces(entity))).decode("ascii")
    except (zlib.error, UnicodeDecodeError):
        raise rows.UnreadableRow("a row is damaged, or of a later version") from None


def _pieces(entity: Entity) -> Iterator[bytes]:
    number = 0
    while isinstance(piece := entity.get(f"packed{number}"), bytes):
        yield piece
        number += 1


def _escaped(name: str) -> str:
    """A name as part of a key, unlike every other's: what is not allowed there as `~` and two hexadecimal digits for each byte.

    The end of a long one gives way to a hash, after `~~`, which no other name has.
    """
    escaped = _NOT_IN_KEYS.sub(lambda match: "".join(f"~{byte:02X}" for byte in _bytes(match[0])), name)
    if len(escaped) <= _LONGEST_NAME:
        return escaped
    return f"{escaped[:100]}~~{hashlib.sha256(_bytes(name)).hexdigest()}"


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
