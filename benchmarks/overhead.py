"""CPU that our own code takes for a message, with ports stubbed; and messages a second through all the real parts.

Log lines are formatted, as they are on a host, and thrown away.
"""

import asyncio
import io
import logging
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks import printing, stubs, whole
from benchmarks.targets import Figures

MESSAGES: Final = 5_000
WARM_UP: Final = 200
AT_ONCE: Final = 32
ROUNDS: Final = 5


@contextmanager
def logging_to_nowhere() -> Iterator[None]:
    """Lines of the service are written as they are on a host, to memory."""
    logger = logging.getLogger("shared")
    handler = logging.StreamHandler(io.StringIO())
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s"))
    level, propagate, disabled = logger.level, logger.propagate, logging.root.manager.disable
    logging.disable(logging.NOTSET)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagate
        logging.disable(disabled)


async def _in_turn() -> list[float]:
    """Milliseconds of CPU for each message."""
    service_bus = stubs.ServiceBus()
    processor = stubs.processor(stubs.Devices(stubs.tenant(MESSAGES + WARM_UP)), service_bus)
    taken = []
    for number in range(MESSAGES + WARM_UP):
        message = stubs.offboarded(number)
        begun = time.process_time_ns()
        await processor.user_offboarding(message)
        taken.append((time.process_time_ns() - begun) / 1e6)
    assert service_bus.completed == service_bus.published == MESSAGES + WARM_UP
    return taken[WARM_UP:]


async def _at_once() -> float:
    """Messages for each second of CPU, many at a time."""
    service_bus = stubs.ServiceBus()
    processor = stubs.processor(stubs.Devices(stubs.tenant(MESSAGES)), service_bus)
    messages = iter([stubs.offboarded(number) for number in range(MESSAGES)])

    async def take() -> None:
        for message in messages:
            await processor.user_offboarding(message)
            await asyncio.sleep(0)

    begun = time.process_time()
    await asyncio.gather(*(take() for _ in range(AT_ONCE)))
    assert service_bus.completed == MESSAGES
    return MESSAGES / (time.process_time() - begun)


def own_code() -> Figures:
    """With the ports stubbed: the round in which the median was least, since others use the machine too; and all medians."""
    with logging_to_nowhere():
        rounds = [statistics.quantiles(asyncio.run(_in_turn()), n=100) for _ in range(ROUNDS)]
        per_second = max(asyncio.run(_at_once()) for _ in range(ROUNDS))
    percentiles = min(rounds, key=lambda each: each[49])
    return {
        "overhead.p50_ms": percentiles[49],
        "overhead.p90_ms": percentiles[89],
        "overhead.p99_ms": percentiles[98],
        "overhead.messages_per_s": per_second,
        **{f"overhead.p50_ms_in_round_{number}": each[49] for number, each in enumerate(rounds, start=1)},
    }


def measure() -> Figures:
    """Everything."""
    return {**own_code(), **whole.figures("overhead.")}


if __name__ == "__main__":
    printing.show(measure())
