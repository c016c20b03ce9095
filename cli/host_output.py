"""What a host prints: `ready`, once, and whatever else. Knows nothing of processes."""

import threading
from pathlib import Path
from typing import IO


class HostOutput:
    """The host's standard output, read until it ends: a pipe that nobody reads would block the host."""

    def __init__(self) -> None:
        self.ready = False
        self.ready_or_over = threading.Event()

    def read(self, stream: IO[bytes], log: Path) -> None:
        """Note `ready`, append all else to the log; for a thread of its own."""
        try:
            with stream, log.open("ab", buffering=0) as rest:
                for line in stream:
                    if line.strip() == b"ready" and not self.ready:
                        self.ready = True
                        self.ready_or_over.set()
                    else:
                        rest.write(line)
        finally:
            self.ready_or_over.set()
