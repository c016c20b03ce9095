"""The soak itself: wave after wave of messages, and the figures after each few. Decides what is too much."""

import asyncio
import gc
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tests.soak import gauge, load
from tests.soak.gauge import Figures
from tests.soak.service import Service

MOST_MIB: Final = 5.0
"""How much may be held after the soak beyond what was after the warm-up, in memory and in what was allocated since."""
MOST_OBJECTS_PER_MESSAGE: Final = 0.02
"""One kept for each message would be 1; some caches of the interpreter fill up at any time."""
MOST_BLOCKS_PER_MESSAGE: Final = 0.1
_BLOCKS_OF_FIGURES: Final = 500
"""What is measured is kept as well."""
_PAUSE_SECONDS: Final = 2 * 3600.0
"""Virtual: after that, what is kept for an hour is gone."""
_TYPES_SHOWN: Final = 5


async def soak(
    service: Service, *, waves: int, warm_up: int, each: int, trace: bool, tell: Callable[[Figures], None]
) -> list[Figures]:
    """Send so many waves, and read the figures after the warm-up and every `each` waves after it."""
    figures: list[Figures] = []
    sent = 0
    gauge.read(sent, service.wire.open)  # what measures is warmed up, too
    for wave in range(waves):
        sent += load.send(service, wave)
        await service.until_all_has_ended()
        await asyncio.sleep(_PAUSE_SECONDS)
        service.forget()
        if wave + 1 == warm_up and trace:
            gc.collect()
            tracemalloc.start()
        if wave + 1 >= warm_up and (wave + 1 - warm_up) % each == 0:
            figures.append(gauge.read(sent, service.wire.open))
            tell(figures[-1])
    return figures


def too_much(figures: Sequence[Figures], *, memory: bool) -> Iterator[str]:
    """What has grown between the first figures and the last; `memory` too, which is no matter for a short soak."""
    first, last = figures[0], figures[-1]
    messages = last.messages - first.messages
    grown = last.grown(first)
    if last.objects.total() - first.objects.total() > MOST_OBJECTS_PER_MESSAGE * messages:
        names = ", ".join(f"{name} {number}" for name, number in grown.most_common(_TYPES_SHOWN))
        yield f"objects are kept, in {messages} messages: {names}"
    if last.tasks > first.tasks:
        yield f"{last.tasks - first.tasks} tasks more"
    if last.open_files > first.open_files:
        yield f"{last.open_files - first.open_files} open files more"
    if last.links > first.links:
        yield f"{last.links - first.links} links more"
    if last.blocks - first.blocks > MOST_BLOCKS_PER_MESSAGE * messages + _BLOCKS_OF_FIGURES * len(figures):
        yield f"{last.blocks - first.blocks} blocks of memory are kept, in {messages} messages"
    held = (last.traced_mib or 0.0) - (first.traced_mib or 0.0)
    for name, grew in (("RSS", last.rss_mib - first.rss_mib), ("memory held", held)):
        if memory and grew > MOST_MIB:
            yield f"{name} grew by {grew:.1f} MiB"
