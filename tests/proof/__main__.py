"""The long proof, or one case again: `python -m tests.proof [--pairs] [--seeds N] [LABEL ...]`; exits 1 if anything is broken.

A label names a scenario and its faults (`leaver:7-after-kill`); the report of a failure gives it.
"""

import argparse
import logging
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor

from tests.proof import enumeration, scenarios
from tests.proof.enumeration import Case

_WORKERS = 2
_SHOWN = 10
_CHUNK = 50


def _broken(label: str) -> tuple[str, list[str]]:
    logging.disable(logging.CRITICAL)  # thousands of failures are played, each with its lines
    return label, list(Case.parse(label).play().broken)


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
    played = Case.parse(label).play()
    for number, call in enumerate(played.trail):
        print(f"{number:4} {call}")
    for claim in dict.fromkeys(played.broken):
        print(f"broken: {claim}")
    return not played.broken


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("labels", nargs="*", metavar="LABEL", help="play this case again, and show its calls")
    parser.add_argument("--pairs", action="store_true", help="all pairs of faults")
    parser.add_argument("--scenario", action="append", choices=list(scenarios.SCENARIOS), help="only this one's pairs")
    asked = parser.parse_args()
    well = [_one(label) for label in asked.labels]
    if asked.pairs:
        names = asked.scenario or scenarios.SCENARIOS
        well += [_all(f"pairs of faults, {name}", map(str, enumeration.pairs(name))) for name in names]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
