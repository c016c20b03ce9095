"""`python -m emulators.identity [--port N]`: the emulated identity endpoint, until SIGINT or SIGTERM."""

import argparse

from emulators import http_server
from emulators.identity.emulator import IdentityEmulator


def main() -> None:
    """Run in the foreground."""
    parser = argparse.ArgumentParser(
        prog="python -m emulators.identity",
        description="An emulated managed-identity endpoint on loopback.",
    )
    parser.add_argument("--port", type=int, default=0, help="the port (a free one if not given)")
    emulator = IdentityEmulator(port=parser.parse_args().port)
    http_server.run_in_foreground(emulator, lambda: emulator.environment)


if __name__ == "__main__":
    main()
