"""Cases side by side in two processes, and the count of them: how many, how long, and which are broken. Knows no scenario."""

import gc
import itertools
import logging
import resource
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Final

_WORKERS: Final = 2
_SHOWN: Final = 10

type Told = tuple[str, Sequence[str]]
"""The label of a case, and what did not hold."""


@dataclass(slots=True)
class Tally:
    """All that was played by now."""

    cases: int = 0
    broken: int = 0
    _begun: float = field(default_factory=time.monotonic)

    def play[T](self, what: str, tasks: Iterable[T], play: Callable[[T], list[Told]], *, chunk: int) -> None:
        """Play what the tasks come to, `chunk` of them at a time in one process, and print the count and what is broken."""
        begun, used, cases, broken = time.monotonic(), _processor_seconds(), 0, 0
        with ProcessPoolExecutor(_WORKERS, initializer=_begin) as pool:
            for label, claims in itertools.chain.from_iterable(pool.map(play, tasks, chunksize=chunk)):
                cases += 1
                broken += bool(claims)
                if claims and broken <= _SHOWN:
                    print(f"{label}: does not hold: {claims[0]}", flush=True)
        took, used = time.monotonic() - begun, _processor_seconds() - used
        print(f"{what}: {cases} cases, {broken} broken, {took:.0f} s ({used:.0f} s of processors)", flush=True)
        self.cases += cases
        self.broken += broken

    def tell(self) -> None:
        """Print what it came to."""
        print(
            f"the whole: {self.cases} cases, {self.broken} broken, {time.monotonic() - self._begun:.0f} s", flush=True
        )


def _begin() -> None:
    logging.disable(logging.CRITICAL)  # thousands of failures are played, each with its lines
    gc.freeze()  # what is loaded by now stays, and need not be looked through each time
    gc.set_threshold(50_000)


def _processor_seconds() -> float:
    """What the workers used that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
