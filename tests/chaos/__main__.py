"""`python -m tests.chaos [--messages N] [--kills N] [--cuts N] [--seed N] [--table]`: real hosts under load, hurt and cut off.

The seed repeats the load and the plan of faults; when exactly they meet, the machine decides. Exits 1 if anything does not hold.
"""

import argparse
import random
import sys
import tempfile
import time
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from tests.chaos import report, running
from tests.chaos.running import Asked
from tests.chaos.site import USUAL

_SEEDS = 1_000_000


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--messages", type=int, default=2000)
    parser.add_argument(
        "--kills", type=int, default=20, help="with signal 9; and a SIGTERM and a SIGSTOP for four of them"
    )
    parser.add_argument("--cuts", type=int, default=18, help="each of the 18 ways before one comes again")
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(_SEEDS))
    parser.add_argument(
        "--lock", type=float, default=USUAL.lock.total_seconds(), help="seconds; more on a busy machine"
    )
    parser.add_argument("--table", action="store_true", help="the journal in Table Storage (Azurite), not in a file")
    parser.add_argument("--keep", type=Path, help="a folder for the log and the journal, which are else removed")
    given = parser.parse_args()
    times = replace(USUAL, lock=timedelta(seconds=given.lock))
    asked = Asked(
        messages=given.messages,
        kills=given.kills,
        cuts=given.cuts,
        seed=given.seed,
        times=times,
        table=given.table,
    )
    print(f"seed {asked.seed}: {asked.messages} messages, {asked.kills} kills, {asked.cuts} cuts", flush=True)
    begun = time.monotonic()

    def tell(text: str) -> None:
        print(f"{time.monotonic() - begun:6.1f} s  {text}", flush=True)

    with tempfile.TemporaryDirectory() as folder:
        ran = running.run(asked, given.keep or Path(folder), tell)
        for line in report.lines(ran):
            print(line)
    print(f"{time.monotonic() - begun:.0f} s; seed {asked.seed}")
    return 1 if ran.violations or ran.out_of_time else 0


if __name__ == "__main__":
    sys.exit(main())
