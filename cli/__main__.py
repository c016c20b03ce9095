"""`python -m cli` is `offboard`."""

from cli.main import run

if __name__ == "__main__":
    run()
