"""What the figures were measured on: the size of this machine, no names."""

import os
import platform
from typing import Final

import psutil

_GIB: Final = 2**30


def size() -> str:
    """Cores, memory, system and Python."""
    cores = os.process_cpu_count() or 1
    memory = psutil.virtual_memory().total / _GIB
    return (
        f"{cores} cores ({platform.machine()}), {memory:.0f} GiB, {platform.system()}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def resident_mib(pid: int) -> float:
    """The resident memory of a process."""
    return float(psutil.Process(pid).memory_info().rss) / 2**20
