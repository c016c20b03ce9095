"""Where the journal lies, read from a JOURNAL_URL. Pure: opens nothing.

Knows the three forms of the URL; the adapters know what to do with them. Error texts never quote the URL, which may hold a key.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import SplitResult, urlsplit

FORMS: Final = (
    "sqlite:///FILE (sqlite:////FILE for an absolute path), https://ACCOUNT.table.SUFFIX/TABLE, "
    "or http://127.0.0.1:PORT/devstoreaccount1/TABLE"
)

_SQLITE: Final = "sqlite:///"
_EMULATED_ACCOUNT: Final = "devstoreaccount1"
# Storage accounts of newer subscriptions may lie in a DNS zone of their own (ACCOUNT.z01.table.SUFFIX).
# Source: learn.microsoft.com/azure/storage/common/storage-account-overview, "Storage account endpoints"
_TABLE_HOST: Final = re.compile(r"[a-z0-9]{3,24}(\.z\d\d)?\.table\.[a-z0-9-]+(\.[a-z0-9-]+)+")
# Source: learn.microsoft.com/rest/api/storageservices/understanding-the-table-service-data-model, "Table names"
_TABLE_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{2,62}")


@dataclass(frozen=True, slots=True)
class SqliteFile:
    """A file on this machine; a relative path counts from the working directory."""

    path: Path


@dataclass(frozen=True, slots=True)
class TableStorage:
    """A table of a storage account, of any cloud or of Azurite. `endpoint` has no slash at its end."""

    endpoint: str
    table: str


type Location = SqliteFile | TableStorage


def parse(url: str) -> Location:
    """The location that a JOURNAL_URL names. Raises ValueError with the expected forms."""
    if url.startswith(_SQLITE):
        return SqliteFile(_file(url.removeprefix(_SQLITE)))
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:  # its text quotes the URL
        raise ValueError(f"is not a URL; expected {FORMS}") from None
    if parts.query or parts.fragment or parts.username is not None or parts.password is not None:
        raise ValueError(f"must hold no key, query or fragment; expected {FORMS}")
    if parts.scheme == "https":
        return _cloud_table(parts, port)
    if parts.scheme == "http":
        return _emulated_table(parts, port)
    raise ValueError(f"is of no known form; expected {FORMS}")


def _file(path: str) -> Path:
    if not path.strip() or path.endswith("/") or "\0" in path:
        raise ValueError(f"names no file; expected {FORMS}")
    if path.startswith(":") or "?" in path or "#" in path:
        raise ValueError("must name a plain file: a journal in memory, or with SQLite's options, is not supported")
    return Path(path)


def _cloud_table(parts: SplitResult, port: int | None) -> TableStorage:
    host = (parts.hostname or "").lower()
    if not _TABLE_HOST.fullmatch(host) or port not in {None, 443}:
        raise ValueError("the host must be ACCOUNT.table.SUFFIX, such as contoso.table.core.windows.net")
    return TableStorage(f"https://{host}", _table(parts.path.removeprefix("/")))


def _emulated_table(parts: SplitResult, port: int | None) -> TableStorage:
    account, _, table = parts.path.removeprefix("/").partition("/")
    if parts.hostname != "127.0.0.1" or port is None or account != _EMULATED_ACCOUNT:
        raise ValueError("plain http is for Azurite alone: http://127.0.0.1:PORT/devstoreaccount1/TABLE")
    return TableStorage(f"http://127.0.0.1:{port}/{account}", _table(table))


def _table(name: str) -> str:
    if not _TABLE_NAME.fullmatch(name):
        raise ValueError("the table's name must be 3 to 63 letters and digits and begin with a letter")
    return name
