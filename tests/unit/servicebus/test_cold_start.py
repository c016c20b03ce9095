"""What the service imports before its first message."""

import subprocess
import sys
from pathlib import Path

_PROGRAM = """
import sys
from shared.servicebus import connection, outcomes, settler

for link in (
    connection.Connection.by_connection_string("Endpoint=sb://127.0.0.1;SharedAccessKeyName=n;SharedAccessKey=a2V5"),
    connection.Connection.by_identity("contoso.servicebus.windows.net", lambda: 1 / 0),
):
    settler.ServiceBusSettler(link)
    outcomes.ServiceBusOutcomes(link, "topic")
print([name for name in sys.modules if name.startswith("azure.")])
"""


def test_the_sdk_is_not_imported_before_the_first_message() -> None:
    root = Path(__file__).parents[3]

    result = subprocess.run(
        [sys.executable, "-c", _PROGRAM], cwd=root, capture_output=True, text=True, check=True, timeout=60
    )

    assert result.stdout == "[]\n"
