"""The long proof, or one case of it again: `python -m tests.proof [--faults] [--seeds N] [--stories N] [LABEL ...]`.

A label names a scenario and its faults (`leaver:7-after-kill`), the seed of a random schedule (`seed:132`), or that of the rule
machine's stories (`stories:7`); the report of a failure gives it. Exits 1 if anything is broken.
"""

import argparse
import itertools
import logging
import sys
from functools import partial
from typing import Final

from tests.proof import enumeration, limits, rules, scenarios, schedules
from tests.proof.enumeration import Case
from tests.proof.played import Played
from tests.proof.pool import Tally, Told

_CHUNK: Final = 20
_SAMPLE: Final = 100
"""How many are drawn of the pairs of a scenario that are left out."""
_SEED: Final = "seed"
_STORIES: Final = "stories"
_LONGEST_STORIES: Final = 600.0
"""How long the stories of one seed may take (seconds)."""


def _fault(label: str, every: int) -> list[Told]:
    """What came of one fault, and of every Kth of those that may follow it."""
    first = Case.parse(label)
    played = first.play()
    seconds = itertools.islice(enumeration.seconds(first, played), first.faults[0].call % every, None, every)
    return [(label, played.broken), *((str(case), case.play().broken) for case in seconds)]


def _drawn(scenario: str, number: int) -> list[Told]:
    """What came of a pair of those that are left out."""
    case = enumeration.drawn(scenario, number)
    return [] if case is None else [(str(case), case.play().broken)]


def _schedule(seed: int) -> list[Told]:
    return [(f"{_SEED}:{seed}", schedules.play(seed).broken)]


def _stories(seed: int) -> list[Told]:
    label = f"{_STORIES}:{seed}"
    try:
        with limits.limited(_LONGEST_STORIES):
            rules.play(seed)
    except (Exception, limits.TookTooLong) as broken:  # noqa: BLE001 - whatever it is, the label repeats it
        return [(label, [f"{type(broken).__name__}: {broken}"])]
    return [(label, [])]


def _label(text: str) -> str:
    """One that can be played. Raises ArgumentTypeError."""
    name, _, rest = text.partition(":")
    try:
        known = int(rest) >= 0 if name in {_SEED, _STORIES} else Case.parse(text).scenario in scenarios.SCENARIOS
    except ValueError:
        known = False
    if not known:
        raise argparse.ArgumentTypeError(f"{text}: a label is as leaver:7-after-kill, seed:132 or stories:7")
    return text


def _number(text: str) -> int:
    """From 1 on. Raises ArgumentTypeError."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text}: a number from 1 on")
    return int(text)


def _one(label: str) -> bool:
    """Play one case again, and show its calls."""
    name, _, rest = label.partition(":")
    if name == _STORIES:
        return _told(int(rest))
    played: Played = schedules.play(int(rest)) if name == _SEED else Case.parse(label).play()
    for number, call in enumerate(played.trail):
        print(f"{number:4} {call}")
    if name != _SEED and tuple(played.fired) != Case.parse(label).faults:
        print("not every fault of the label came to pass: the scenario has other calls, or fewer")
        return False
    for claim in dict.fromkeys(played.broken):
        print(f"does not hold: {claim}")
    return not played.broken


def _told(seed: int) -> bool:
    """Play the stories of a seed, and tell a short one that breaks."""
    try:
        rules.play(seed, shorten=True)
    except Exception as broken:  # noqa: BLE001 - as above
        print(*getattr(broken, "__notes__", ()), f"does not hold: {type(broken).__name__}: {broken}", sep="\n")
        return False
    print(f"{rules.STORIES} stories, none broken")
    return True


def _whole(asked: argparse.Namespace) -> bool:
    """Play all that is asked for."""
    tally, every = Tally(), asked.every
    names = (asked.scenario or list(scenarios.SCENARIOS)) if asked.faults else []
    for name in names:
        tally.play(f"faults, {name}", map(str, enumeration.singles(name)), partial(_fault, every=every), chunk=1)
    for name in names:
        tally.play(f"pairs left out, {name}", range(_SAMPLE // every), partial(_drawn, name), chunk=_CHUNK)
    if asked.seeds:
        tally.play("random schedules", range(asked.seeds), _schedule, chunk=_CHUNK)
    if asked.stories:
        tally.play("seeds of stories", range(asked.stories), _stories, chunk=1)
    tally.tell()
    return not tally.broken


def main() -> int:
    """Do what the command line asks."""
    logging.getLogger().addHandler(
        logging.NullHandler()
    )  # what is played logs its failures; without one they are printed
    parser = argparse.ArgumentParser(prog="python -m tests.proof", description=__doc__)
    parser.add_argument(
        "labels", nargs="*", type=_label, metavar="LABEL", help="play this case again, and show its calls"
    )
    parser.add_argument(
        "--faults", action="store_true", help="every fault, and every two where they may differ (docs/proof.md)"
    )
    parser.add_argument("--scenario", action="append", choices=list(scenarios.SCENARIOS), help="only this one's faults")
    parser.add_argument(
        "--every", type=_number, default=1, metavar="K", help="every Kth of the pairs, for a first look"
    )
    parser.add_argument(
        "--seeds", type=_number, default=0, metavar="N", help="the random schedules of the first N seeds"
    )
    parser.add_argument(
        "--stories", type=_number, default=0, metavar="N", help=f"the first N seeds' stories, {rules.STORIES} each"
    )
    asked = parser.parse_args()
    if not (asked.labels or asked.faults or asked.seeds or asked.stories):
        parser.error("nothing is asked for: --faults, --seeds, --stories or a label")
    well = [_one(label) for label in asked.labels] if asked.labels else [_whole(asked)]
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
