from pathlib import Path

import pytest

from shared.journal import location
from shared.journal.location import SqliteFile, TableStorage


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///journal.db", "journal.db"),
        ("sqlite:///var/journal.db", "var/journal.db"),
        ("sqlite:///./my journal.db", "my journal.db"),
        ("sqlite:////home/data/journal.db", "/home/data/journal.db"),
        ("sqlite:///100%25.db", "100%25.db"),
    ],
)
def test_a_file_is_named_by_three_slashes_and_its_path(url: str, path: str) -> None:
    assert location.parse(url) == SqliteFile(Path(path))


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://contoso.table.core.windows.net/journal", ("https://contoso.table.core.windows.net", "journal")),
        ("https://contoso.table.core.usgovcloudapi.net/J1x", ("https://contoso.table.core.usgovcloudapi.net", "J1x")),
        (
            "https://contoso.z07.table.storage.azure.net/journal",
            ("https://contoso.z07.table.storage.azure.net", "journal"),
        ),
        ("https://Contoso.Table.core.windows.net:443/journal", ("https://contoso.table.core.windows.net", "journal")),
        ("http://127.0.0.1:10002/devstoreaccount1/journal", ("http://127.0.0.1:10002/devstoreaccount1", "journal")),
    ],
)
def test_a_table_is_named_by_its_account_and_its_name(url: str, expected: tuple[str, str]) -> None:
    assert location.parse(url) == TableStorage(*expected)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "journal.db",
        "/home/data/journal.db",
        "sqlite://journal.db",
        "sqlite:///",
        "sqlite:/// ",
        "sqlite:///folder/",
        "sqlite:///:memory:",
        "sqlite:///journal.db?mode=memory",
        "sqlite:///journal.db#x",
        "sqlite:///a\0b",
        "postgres://host/db",
        "https://contoso.table.core.windows.net",
        "https://contoso.table.core.windows.net/",
        "https://contoso.table.core.windows.net/1journal",
        "https://contoso.table.core.windows.net/my-journal",
        "https://contoso.table.core.windows.net/a/b",
        "https://contoso.blob.core.windows.net/journal",
        "https://contoso.table.core.windows.net.:1/journal",
        "https://contoso.table.core.windows.net:8443/journal",
        "https://contoso.table.core.windows.net:x/journal",
        "https://user:key@contoso.table.core.windows.net/journal",
        "https://contoso.table.core.windows.net/journal?sv=secret",
        "https://[::1/journal",
        "http://contoso.table.core.windows.net/journal",
        "http://127.0.0.1:10002/journal",
        "http://127.0.0.1/devstoreaccount1/journal",
        "http://10.0.0.1:10002/devstoreaccount1/journal",
    ],
)
def test_anything_else_is_refused_without_quoting_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"\w") as caught:
        location.parse(url)

    assert "secret" not in str(caught.value)
    assert "key@" not in str(caught.value)
    assert len(str(caught.value)) > 20
