"""`python -m tests.soak [--messages N] [--host N]`: what is kept of very many messages.

`--messages` go through the real processor, handlers, batches and pacing here and in virtual time, `--host` through a real
host over real sockets. Prints memory, tasks, open files and objects now and then; exits 1 if any of them grows.
"""

import argparse
import functools
import logging
import sys
import tempfile
import time
from pathlib import Path

from tests import quiet, virtual_time
from tests.soak import host, load, soaking
from tests.soak.gauge import Figures
from tests.soak.service import Service

_WARM_UP = 5
_CHECKPOINTS = 10
_TELL = functools.partial(print, flush=True)


async def _in_process(messages: int, *, trace: bool) -> list[Figures]:
    waves = messages // load.AT_ONCE + _WARM_UP
    service = Service(load.AT_ONCE, seed=0)
    each = max((waves - _WARM_UP) // _CHECKPOINTS, 1)
    figures = await soaking.soak(service, waves=waves, warm_up=_WARM_UP, each=each, trace=trace, tell=_TELL)
    print(f"{service.bus.outcomes} outcomes, {service.bus.buried} dead letters")
    return figures


def _in_a_host(messages: int) -> list[host.HostFigures]:
    with tempfile.TemporaryDirectory() as folder:
        return host.soak(Path(folder), messages=messages, each=messages // _CHECKPOINTS, tell=_TELL)


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--host", type=int, default=2_000)
    parser.add_argument(
        "--trace", action="store_true", help="with tracemalloc: what is held is told, in twice the time"
    )
    asked = parser.parse_args()
    if not (asked.messages or asked.host):
        parser.error("nothing is asked for: --messages or --host")
    begun, grown = time.monotonic(), list[str]()
    if asked.messages:
        with quiet.looked_at(logging.INFO) as watch:
            grown += soaking.too_much(virtual_time.run(_in_process(asked.messages, trace=asked.trace)), memory=True)
            grown += [f"personal things are logged: {each}" for each in sorted(set(watch.take(None)))]
    if asked.host:
        grown += host.too_much(_in_a_host(asked.host))
    for each in grown:
        print(f"too much: {each}", file=sys.stderr)
    print(f"the whole: {len(grown)} grew too much, {time.monotonic() - begun:.0f} s")
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
