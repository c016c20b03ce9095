"""The functions of an unpacked package, run by the worker library, where nothing can be imported that a deployment has not.

Of the clone there is only the host that feeds them, which stands for the platform's; where our modules came from is left in a file.
"""

import asyncio
import json
import signal
import sys
from pathlib import Path

from tests import deployed


def main() -> None:
    """Run the package in the folder that the first argument names until SIGTERM; the second names the file."""
    app, report = map(Path, sys.argv[1:])
    ours = {"shared", "function_app"}
    allowed = deployed.libraries((app / "requirements.txt").read_text(encoding="utf-8")) | ours | {"devhost"}
    sys.meta_path.insert(0, deployed.NothingElse(allowed))
    sys.path.insert(0, str(app))
    asyncio.run(_run(app))
    found = {name: str(module.__file__) for name, module in sys.modules.items() if name.partition(".")[0] in ours}
    report.write_text(json.dumps(found), encoding="utf-8")


async def _run(app: Path) -> None:
    from devhost.host import FunctionsHost
    from shared.settings import reading

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    host = FunctionsHost(app, reading.process_environment())
    await host.run(lambda: print("ready", flush=True), stop)  # noqa: T201 - what is waited for


if __name__ == "__main__":
    main()
