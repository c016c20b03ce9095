"""`python -m tests.soak [--messages N]`: the real processor, handlers, batches and pacing, in virtual time, for very many messages.

Prints memory, tasks, open files and objects now and then; exits 1 if any of them grows.
"""

import argparse
import functools
import logging
import sys
import time

from tests import virtual_time
from tests.soak import load, soaking
from tests.soak.gauge import Figures
from tests.soak.service import Service

_WARM_UP = 5
_CHECKPOINTS = 10


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    waves = parser.parse_args().messages // load.AT_ONCE + _WARM_UP
    logging.disable()  # thousands of failures are logged, which is not what is measured
    begun = time.monotonic()

    async def main() -> list[Figures]:
        service = Service(load.AT_ONCE, seed=0)
        figures = await soaking.soak(
            service,
            waves=waves,
            warm_up=_WARM_UP,
            each=max((waves - _WARM_UP) // _CHECKPOINTS, 1),
            trace=True,
            tell=functools.partial(print, flush=True),
        )
        print(f"{service.bus.outcomes} outcomes, {service.bus.buried} dead letters, {time.monotonic() - begun:.0f} s")
        return figures

    grown = list(soaking.too_much(virtual_time.run(main()), memory=True))
    for each in grown:
        print(f"too much: {each}", file=sys.stderr)
    return 1 if grown else 0


if __name__ == "__main__":
    sys.exit(main())
