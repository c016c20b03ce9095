"""`python -m emulators.graph [--port N] [--tenant FILE]`: the emulated Graph, until SIGINT or SIGTERM."""

import argparse
from pathlib import Path

from emulators import http_server
from emulators.graph import tenant
from emulators.graph.emulator import GraphEmulator


def main() -> None:
    """Run in the foreground; a tenant without a file is empty."""
    parser = argparse.ArgumentParser(
        prog="python -m emulators.graph", description="An emulated Microsoft Graph on loopback."
    )
    parser.add_argument("--port", type=int, default=0, help="the port (a free one if not given)")
    parser.add_argument("--tenant", type=Path, help='a JSON file, {"devices": [...], "users": [...]}')
    options = parser.parse_args()
    content = tenant.load(options.tenant) if options.tenant else tenant.Tenant()
    emulator = GraphEmulator(content, port=options.port)
    http_server.run_in_foreground(emulator, lambda: {"GRAPH_ENDPOINT": emulator.endpoint})


if __name__ == "__main__":
    main()
