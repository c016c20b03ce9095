"""The host runs for days: it is started without the libraries of the other commands."""

import subprocess
import sys

from cli import hosting

_LOADED = """
import sys
from cli import __main__, hosting
hosting.as_deployed()
import httpx
print(sorted({name.split(".")[0] for name in sys.modules} & {"typer", "rich", "click", "pygments", "msgraph", "pydantic"}))
"""


def test_the_host_loads_none_of_the_libraries_that_only_commands_need() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _LOADED],
        cwd=hosting.app_directory(),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )

    assert done.stdout == "[]\n"
