"""The long proof, or one case of it again: `python -m tests.proof [--pairs] [--seeds N] [LABEL ...]`.

A label names a scenario and its faults (`leaver:7-after-kill`), or the seed of a random schedule (`seed:132`); the report of a
failure gives it. Exits 1 if anything is broken.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.proof import enumeration, scenarios, schedules
from tests.proof.enumeration import Case
from tests.proof.scenarios import Played

_WORKERS = 2
_SHOWN = 10
_CHUNK = 50


def _broken(label: str) -> tuple[str, list[str]]:
    logging.disable(logging.CRITICAL)  # thousands of failures are played, each with its lines
    return label, list(_played(label).broken)


def _played(label: str) -> Played:
    name, _, rest = label.partition(":")
    return schedules.play(int(rest)) if name == "seed" else Case.parse(label).play()


def _all(what: str, labels: Iterable[str]) -> bool:
    """Play them all, and tell how many, how long and which failed."""
    begun, number, failed = time.monotonic(), 0, 0
    with ProcessPoolExecutor(_WORKERS) as pool:
        for label, broken in pool.map(_broken, labels, chunksize=_CHUNK):
            number += 1
            failed += bool(broken)
            if broken and failed <= _SHOWN:
                print(f"{label}: {broken[0]}")
    print(f"{what}: {number} cases, {failed} broken, {time.monotonic() - begun:.0f} s", flush=True)
    return not failed


def _one(label: str) -> bool:
    played = _played(label)
    for number, call in enumerate(played.trail):
        print(f"{number:4} {call}")
    for claim in dict.fromkeys(played.broken):
        print(f"broken: {claim}")
    return not played.broken


def main() -> int:
    """Do what the command line asks."""
    logging.getLogger().addHandler(
        logging.NullHandler()
    )  # what is played logs its failures; without one they are printed
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("labels", nargs="*", metavar="LABEL", help="play this case again, and show its calls")
    parser.add_argument("--pairs", action="store_true", help="all pairs of faults")
    parser.add_argument("--scenario", action="append", choices=list(scenarios.SCENARIOS), help="only this one's pairs")
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="the random schedules of the first N seeds")
    asked = parser.parse_args()
    well = [_one(label) for label in asked.labels]
    if asked.pairs:
        names = asked.scenario or scenarios.SCENARIOS
        well += [_all(f"pairs of faults, {name}", map(str, enumeration.pairs(name))) for name in names]
    if asked.seeds:
        well.append(_all("random schedules", (f"seed:{seed}" for seed in range(asked.seeds))))
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
