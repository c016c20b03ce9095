"""`python -m cli` is `offboard`. The host, which runs for days, is started without the libraries of the other commands."""

import sys


def run() -> None:
    """The entry point of the console script."""
    if sys.argv[1:] == ["host"]:
        from cli import hosting

        sys.exit(hosting.start())
    from cli.exit_codes import Exit
    from cli.main import app

    try:
        app()
    except SystemExit as ended:
        if isinstance(ended.__context__, BrokenPipeError):  # what Typer and Rich make of it is 1
            sys.exit(Exit.NOBODY_READS)
        raise


if __name__ == "__main__":
    run()
