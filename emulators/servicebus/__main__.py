"""Runs the emulated Service Bus in the foreground: `python -m emulators.servicebus [--port N] [--config FILE]`."""

import argparse
import signal
import threading
from pathlib import Path

from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator

_DEFAULT_CONFIG = Path(__file__).parents[2] / "infra" / "servicebus.json"


def main() -> None:
    """Serve until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(prog="python -m emulators.servicebus", description="An emulated Service Bus.")
    parser.add_argument("--port", type=int, default=0, help="TCP port on 127.0.0.1 (default: a free one)")
    parser.add_argument("--config", type=Path, default=_DEFAULT_CONFIG, help="queues and topics (default: %(default)s)")
    arguments = parser.parse_args()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    emulator = ServiceBusEmulator(config.load(arguments.config), port=arguments.port).start()
    print(emulator.connection_string, flush=True)  # noqa: T201  # this is its output
    stopped.wait()
    emulator.stop()


if __name__ == "__main__":
    main()
