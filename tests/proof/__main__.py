"""The long proof, or one case of it again: `python -m tests.proof [--faults] [--seeds N] [--stories N] [LABEL ...]`.

A label names a scenario and its faults (`leaver:7-after-kill`), the seed of a random schedule (`seed:132`), or that of the rule
machine's stories (`stories:7`); the report of a failure gives it. Exits 1 if anything is broken.
"""

import argparse
import functools
import gc
import itertools
import logging
import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor

from tests.proof import enumeration, limits, rules, scenarios, schedules
from tests.proof.enumeration import Case
from tests.proof.played import Played

_WORKERS = 2
_SHOWN = 10
_CHUNK = 20
_SAMPLE = 200
"""How many are drawn of the pairs of a scenario that are left out."""
_STORIES = "stories"
_LONGEST_STORIES = 600.0
"""How long the stories of one seed may take (seconds)."""


def _begin() -> None:
    logging.disable(logging.CRITICAL)  # thousands of failures are played, each with its lines
    gc.freeze()  # what is loaded by now stays, and need not be looked through each time
    gc.set_threshold(50_000)


type _Told = tuple[str, Sequence[str]]
"""The label of a case, and what did not hold."""


def _fault(label: str, every: int) -> list[_Told]:
    """What came of one fault, and of every Kth of those that may follow it."""
    first = Case.parse(label)
    played = first.play()
    seconds = itertools.islice(enumeration.seconds(first, played), first.faults[0].call % every, None, every)
    return [(label, played.broken), *((str(case), case.play().broken) for case in seconds)]


def _broken(label: str) -> list[_Told]:
    name, _, seed = label.partition(":")
    if name != _STORIES:
        return [(label, _played(label).broken)]
    try:
        with limits.limited(_LONGEST_STORIES):
            rules.play(int(seed))
    except (Exception, limits.TookTooLong) as broken:  # noqa: BLE001 - whatever it is, the label repeats it
        return [(label, [f"{type(broken).__name__}: {broken}"])]
    return [(label, [])]


def _played(label: str) -> Played:
    name, _, rest = label.partition(":")
    return schedules.play(int(rest)) if name == "seed" else Case.parse(label).play()


def _all(what: str, labels: Iterable[str], play: Callable[[str], list[_Told]] = _broken) -> bool:
    """Play them all, and tell how many, how long and which failed."""
    begun, used, number, failed = time.monotonic(), _processor_seconds(), 0, 0
    chunk = _CHUNK if play is _broken else 1
    with ProcessPoolExecutor(_WORKERS, initializer=_begin) as pool:
        for label, broken in itertools.chain.from_iterable(pool.map(play, labels, chunksize=chunk)):
            number += 1
            failed += bool(broken)
            if broken and failed <= _SHOWN:
                print(f"{label}: {broken[0]}", flush=True)
    took, used = time.monotonic() - begun, _processor_seconds() - used
    print(f"{what}: {number} cases, {failed} broken, {took:.0f} s ({used:.0f} s of processors)", flush=True)
    return not failed


def _processor_seconds() -> float:
    """What the workers used that have ended."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _one(label: str) -> bool:
    name, _, seed = label.partition(":")
    if name == _STORIES:
        return _told(int(seed))
    played = _played(label)
    for number, call in enumerate(played.trail):
        print(f"{number:4} {call}")
    for claim in dict.fromkeys(played.broken):
        print(f"broken: {claim}")
    return not played.broken


def _told(seed: int) -> bool:
    """Play the stories of a seed, and tell a short one that breaks."""
    try:
        rules.play(seed, shorten=True)
    except Exception as broken:  # noqa: BLE001 - as above
        print(*getattr(broken, "__notes__", ()), f"broken: {type(broken).__name__}: {broken}", sep="\n")
        return False
    return True


def main() -> int:
    """Do what the command line asks."""
    logging.getLogger().addHandler(
        logging.NullHandler()
    )  # what is played logs its failures; without one they are printed
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument("labels", nargs="*", metavar="LABEL", help="play this case again, and show its calls")
    parser.add_argument(
        "--faults", action="store_true", help="every fault, and every two where they may differ (docs/proof.md)"
    )
    parser.add_argument("--scenario", action="append", choices=list(scenarios.SCENARIOS), help="only this one's faults")
    parser.add_argument("--every", type=int, default=1, metavar="K", help="every Kth of the pairs, for a first look")
    parser.add_argument("--seeds", type=int, default=0, metavar="N", help="the random schedules of the first N seeds")
    parser.add_argument(
        "--stories", type=int, default=0, metavar="N", help=f"the first N seeds' stories, {rules.STORIES} each"
    )
    asked = parser.parse_args()
    well = [_one(label) for label in asked.labels]
    if asked.faults:
        for name in asked.scenario or scenarios.SCENARIOS:
            firsts = map(str, enumeration.singles(name))
            well.append(_all(f"faults, {name}", firsts, functools.partial(_fault, every=asked.every)))
            others = enumeration.elsewhere(name, _SAMPLE // asked.every)
            well.append(_all(f"some other pairs, {name}", map(str, others)))
    if asked.seeds:
        well.append(_all("random schedules", (f"seed:{seed}" for seed in range(asked.seeds))))
    if asked.stories:
        well.append(_all("seeds of stories", (f"{_STORIES}:{seed}" for seed in range(asked.stories))))
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
