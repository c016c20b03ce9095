"""`python -m cli` is `offboard`. The host, which runs for days, is started without the libraries of the other commands."""

import sys


def run() -> None:
    """The entry point of the console script."""
    if sys.argv[1:] == ["host"]:
        from cli import hosting

        sys.exit(hosting.start())
    from cli.main import app

    app()


if __name__ == "__main__":
    run()
