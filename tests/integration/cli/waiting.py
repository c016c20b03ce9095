"""Waiting for what another process does."""

import time
from collections.abc import Callable


def until(happened: Callable[[], bool]) -> None:
    """Look until it has happened; a minute is too long."""
    deadline = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)
