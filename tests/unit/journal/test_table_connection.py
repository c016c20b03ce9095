"""What the table's connection asks of the SDK, and what it keeps from it."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from shared import bootstrap
from shared.journal.location import TableStorage
from shared.journal.sqlite import SqliteJournal
from shared.journal.table import DEADLINE, TableJournal
from tests.fakes import FakeClock
from tests.unit.journal.test_table_tokens import Credential
from tests.unit.settings.test_reading import AZURE, LOCAL

_ROOT = Path(__file__).parents[3]
_PROGRAM = """
import sys
from shared import bootstrap
bootstrap.build({
    "ServiceBusConnection__fullyQualifiedNamespace": "contoso.servicebus.windows.net",
    "USER_OFFBOARDING_QUEUE": "a", "DEVICE_RETIREMENT_QUEUE": "b", "VERIFICATION_QUEUE": "d", "OUTCOMES_TOPIC": "c",
    "JOURNAL_URL": "https://contoso.table.core.windows.net/journal",
})
print([name for name in sys.modules if name.startswith(("azure.core", "azure.data", "aiohttp"))])
"""


async def test_closing_the_journal_closes_its_credential() -> None:
    credential = Credential()
    where = TableStorage("https://contoso.table.invalid", "journal")
    journal = TableJournal(where, credential=lambda: credential, clock=FakeClock())
    journal._connect()

    await journal.close()

    assert credential.closed


def test_rule_11_a_call_of_the_journal_ends_within_20_seconds() -> None:
    assert timedelta(0) < DEADLINE <= timedelta(seconds=20)


def test_nothing_of_the_sdk_is_imported_before_the_first_message() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=_ROOT, capture_output=True, text=True, check=True, timeout=60
    )

    assert done.stdout == "[]\n"


def test_the_url_says_which_journal_it_is() -> None:
    cloud = bootstrap.build_journal(bootstrap.load_settings(AZURE), FakeClock())
    local = bootstrap.build_journal(bootstrap.load_settings(LOCAL), FakeClock())
    azurite = {**LOCAL, "JOURNAL_URL": "http://127.0.0.1:10002/devstoreaccount1/journal"}

    assert isinstance(cloud, TableJournal)
    assert cloud._where == TableStorage("https://account.table.core.windows.net", "journal")
    assert isinstance(local, SqliteJournal)
    assert isinstance(bootstrap.build_journal(bootstrap.load_settings(azurite), FakeClock()), TableJournal)
