"""What is measured of a process: memory, tasks, open files, and objects that the garbage collector knows, by type."""

import asyncio
import gc
import sys
import tracemalloc
from collections import Counter
from dataclasses import dataclass, field
from typing import Final

import psutil

_MIB: Final = 2**20


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """At one moment at which nothing is in hand.

    `blocks` are those that the interpreter has handed out; `traced_mib` is what was allocated since tracing began, and is held.
    """

    messages: int
    rss_mib: float
    blocks: int
    traced_mib: float | None
    tasks: int
    open_files: int
    links: int
    objects: Counter[str] = field(repr=False)

    def __str__(self) -> str:
        held = "" if self.traced_mib is None else f"held {self.traced_mib:+6.2f} MiB  "
        return (
            f"{self.messages:>8} messages  RSS {self.rss_mib:7.1f} MiB  {held}{self.blocks} blocks  "
            f"{self.objects.total()} objects  {self.tasks} tasks  {self.open_files} open files  "
            f"{self.links} links"
        )

    def grown(self, since: "Figures") -> Counter[str]:
        """How many more objects of each type there are."""
        return self.objects - since.objects


def read(messages: int, links: int) -> Figures:
    """The figures of this process, after a collection; `links` to Service Bus are open."""
    gc.collect()
    me = psutil.Process()
    loop_tasks = asyncio.all_tasks()
    return Figures(
        messages=messages,
        rss_mib=me.memory_info().rss / _MIB,
        blocks=sys.getallocatedblocks(),
        traced_mib=tracemalloc.get_traced_memory()[0] / _MIB if tracemalloc.is_tracing() else None,
        tasks=len(loop_tasks),
        open_files=me.num_fds(),
        links=links,
        objects=Counter(type(each).__qualname__ for each in gc.get_objects()),
    )
