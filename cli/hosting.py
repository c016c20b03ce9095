"""`offboard host`: the functions, run by the real worker library, fed from the Service Bus that the environment names."""

import asyncio
import signal
import sys
from pathlib import Path

import shared
from cli import log_lines
from cli.exit_codes import Exit
from devhost.errors import DevhostError
from devhost.host import FunctionsHost
from shared.settings import reading


def app_directory() -> Path:
    """The folder of function_app.py and host.json: the one that holds the application package."""
    return Path(next(iter(shared.__path__))).resolve().parent


def start() -> int:
    """Run in an event loop of its own; the exit code of the command."""
    as_deployed()
    return asyncio.run(run())


def as_deployed() -> None:
    """Hide what is installed beside the operator's command and not where the functions are deployed.

    httpx loads a command line of its own where click, pygments and rich are to be had: 85 modules, 4 MiB.
    """
    sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]  # documented: importing it fails


async def run() -> int:
    """Run until SIGTERM or SIGINT; the exit code of the command."""
    log_lines.to_standard_error()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, stop.set)
    host = FunctionsHost(app_directory(), reading.process_environment())
    apps = []

    def ready() -> None:
        apps.append(sys.modules["function_app"])  # the worker library has loaded it, and forgets it when it ends
        print("ready", flush=True)

    try:
        code = await host.run(ready, stop)
    except DevhostError as error:
        print(error, file=sys.stderr)
        return Exit.USAGE_OR_CONNECTION
    for app in apps:
        await app.processor.close()
    return code
