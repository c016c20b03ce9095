"""What a start costs: imports in fresh processes, the first list of devices, memory. Ours against msgraph-sdk with its models.

Times are the least of several processes, since others use the machine too. Our own modules' share is what the interpreter
attributes to them, what they import apart; that counting makes each a little slower.
"""

import os
import re
import subprocess
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks import printing, whole
from benchmarks.targets import Figures
from benchmarks.tenants import devices
from emulators.graph.emulator import GraphEmulator
from emulators.graph.tenant import Tenant
from emulators.identity.emulator import IdentityEmulator

PROCESSES: Final = 9
LISTED: Final = 100
_OURS: Final = re.compile(r"import time:\s*(\d+) \|\s*\d+ \|\s*(?:shared|function_app)\b")
_SETTINGS: Final = {
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;",
    "USER_OFFBOARDING_QUEUE": "user-offboarding",
    "DEVICE_RETIREMENT_QUEUE": "device-retirement",
    "VERIFICATION_QUEUE": "unassignment-verification",
    "OUTCOMES_TOPIC": "unassignment-outcomes",
    "JOURNAL_URL": "sqlite:///never-made.sqlite3",
}
_IMPORT: Final = """
import time
begun = time.perf_counter()
import {module}
print((time.perf_counter() - begun) * 1000)
"""
_END: Final = """
    print((time.perf_counter() - begun) * 1000)
    print(psutil.Process().memory_info().rss / 2**20)

asyncio.run(main())
"""
_OUR_FIRST_LIST: Final = f"""
import asyncio, psutil, sys, time
begun = time.perf_counter()
from shared import bootstrap
from shared.settings import reading

async def main():
    settings = bootstrap.load_settings(reading.process_environment())
    clock = bootstrap.SystemClock()
    graph = bootstrap.build_graph(settings, clock, bootstrap.managed_identity(""))
    devices = bootstrap.build_devices(settings, graph, clock)
    assert len((await devices.directory()).devices) == int(sys.argv[1])
{_END}"""
_NAIVE_FIRST_LIST: Final = f"""
import asyncio, psutil, sys, time
begun = time.perf_counter()
from msgraph import GraphServiceClient
from azure.identity.aio import ManagedIdentityCredential
from benchmarks.naive_sdk import SdkDevices

async def main():
    devices = SdkDevices(sys.argv[2], ManagedIdentityCredential())
    assert sum([len(page) async for page in devices.pages()]) == int(sys.argv[1])
{_END}"""


def _run(
    code: str, *arguments: str, options: Sequence[str] = (), settings: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    environment: Mapping[str, str] = {**os.environ, **_SETTINGS, **(settings or {})}  # noqa: TID251 - a child process needs it
    command = [sys.executable, "-W", "ignore", *options, "-c", code, *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def _import_ms(module: str) -> float:
    return float(_run(_IMPORT.format(module=module)).stdout)


def _own_modules_ms() -> float:
    told = _run("import azure.functions, function_app", options=("-X", "importtime")).stderr
    return sum(int(microseconds) for microseconds in _OURS.findall(told)) / 1000


def imports() -> Figures:
    """Importing function_app, and what of it is azure.functions, and what our own modules."""
    pairs = [(_import_ms("azure.functions"), _import_ms("function_app")) for _ in range(PROCESSES)]
    bare, whole_import = (min(times) for times in zip(*pairs, strict=True))
    return {
        "start.azure_functions_import_ms": bare,
        "start.import_ms": whole_import - bare,
        "start.own_modules_ms": min(_own_modules_ms() for _ in range(PROCESSES)),
    }


def first_lists() -> Figures:
    """From nothing imported to the first list of devices: milliseconds and resident MiB, ours and the library's own way."""
    roles = ("DeviceManagementServiceConfig.ReadWrite.All",)
    figures: dict[str, float] = {}
    with IdentityEmulator(roles=roles) as identity, GraphEmulator(Tenant(devices(LISTED)), quota=None) as graph:
        for name, code in (("first_list", _OUR_FIRST_LIST), ("naive_first_list", _NAIVE_FIRST_LIST)):
            settings = {**identity.environment, "GRAPH_ENDPOINT": graph.endpoint}
            told = [_run(code, str(LISTED), graph.endpoint, settings=settings).stdout.split() for _ in range(PROCESSES)]
            figures[f"start.{name}_ms"] = min(float(milliseconds) for milliseconds, _ in told)
            figures[f"start.{name}_rss_mib"] = min(float(mebibytes) for _, mebibytes in told)
    return figures


def measure() -> Figures:
    """Everything."""
    return {**imports(), **first_lists(), **whole.figures("start.")}


if __name__ == "__main__":
    printing.show(measure())
