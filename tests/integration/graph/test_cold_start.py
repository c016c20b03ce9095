"""What is loaded, and when: a start must not pay for what only a call needs."""

import subprocess
import sys
from pathlib import Path

from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Device, Tenant
from emulators.identity.emulator import IdentityEmulator
from tests.integration.wiring.wired import LOCAL

ROOT = Path(__file__).parents[3]
IMPORTED = """
import sys
import shared.graph.autopilot_devices, shared.graph.users, shared.graph.clouds
heavy = {"msgraph", "kiota_abstractions", "kiota_http", "httpx", "azure.core", "azure.identity", "aiohttp", "msal"}
print(sorted(heavy & sys.modules.keys()))
"""
STARTED = """
import sys
import azure.functions
with_the_functions_library = set(sys.modules)
import function_app
loaded = {name for name in sys.modules.keys() - with_the_functions_library if name.startswith("shared.")}
print(sorted({name.split(".")[1] for name in loaded}))
print(sorted({"azure.core", "pydantic", "sqlite3", "msgraph", "httpx", "aiohttp"} & sys.modules.keys()))
assert function_app.processor.processor
print(sorted({"shared.processor", "pydantic"} - sys.modules.keys()))
"""
CALLED = """
import asyncio, sys
from datetime import UTC, datetime, timedelta
from azure.identity.aio import ManagedIdentityCredential
from emulators.clock import SystemClock
from shared.domain.events import Action
from shared.graph import clouds
from shared.graph.autopilot_devices import GraphAutopilotDevices
from shared.graph.client import GraphClient
from shared.graph.users import GraphUsers

async def main() -> None:
    client = GraphClient(clouds.at(sys.argv[1]), credential=ManagedIdentityCredential, clock=SystemClock())
    devices = GraphAutopilotDevices(client, clock=SystemClock(), directory_max_age=timedelta(seconds=60))
    assert "httpx" not in sys.modules
    assert len((await devices.directory()).devices) == 1
    loaded = set(sys.modules)
    assert await devices.get("d-1") and await devices.with_serial_number("SN1")
    await devices.unassign("d-1", Action.UNASSIGN_USER)
    await devices.unassign("d-1", Action.UNASSIGN_RESOURCE_ACCOUNT)
    assert await GraphUsers(client).by_id("7e8d0f4c-0000-4000-8000-00000000000a") is None
    await client.close()
    print(sorted(name for name in sys.modules if name.startswith("msgraph.generated.models")))
    print(sorted(name for name in set(sys.modules) - loaded if name.startswith("msgraph")))

asyncio.run(main())
"""


def run(code: str, *arguments: str, environment: dict[str, str] | None = None) -> list[str]:
    """What the code prints in a process of its own, where every warning is an error."""
    command = [sys.executable, "-W", "error", "-c", code, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_importing_the_adapter_loads_no_client_library() -> None:
    assert run(IMPORTED) == ["[]"]


def test_a_start_loads_the_settings_and_their_checks_and_the_rest_waits_for_a_message() -> None:
    assert run(STARTED, environment={**LOCAL, "MAPPING_FILE": ""}) == [
        "['configuration', 'graph', 'journal', 'mapping_file', 'settings', 'start']",
        "[]",
        "[]",
    ]


def test_no_call_loads_the_models_and_only_the_first_loads_builders() -> None:
    roles = ("DeviceManagementServiceConfig.ReadWrite.All", "User.Read.All")
    devices = Tenant([Device(id="d-1", serial_number="SN1", resource_name="room-1")])
    with IdentityEmulator(roles=roles) as identity, GraphEmulator(devices, strict=True) as graph:
        printed = run(CALLED, graph.endpoint, environment=identity.environment)

    assert printed == ["[]", "[]"]
