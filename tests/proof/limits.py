"""A limit of real time for a case, so that a loop without end is told like any other failure, with the case's label."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

LONGEST_SECONDS: Final = 60.0
"""Far more than any case takes on a busy machine."""


class TookTooLong(KeyboardInterrupt):
    """Of all that a signal may raise, asyncio lets this kind through at once, and no handler of ours swallows it."""


@contextmanager
def limited(seconds: float = LONGEST_SECONDS) -> Iterator[None]:
    """Raise TookTooLong if it takes longer; in the main thread alone, which gets the signals."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(_: int, frame: FrameType | None) -> None:
        raise TookTooLong(f"it takes more than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
