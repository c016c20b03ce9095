"""Hostile input in quantity: `python -m tests.fuzz [--count N] [--runs N] [messages SEED | answers SEED | deliveries SEED]`.

First N variants of the kept messages through the whole processor, N of the kept answers over a socket to the Graph adapters, and
the same answers before whole messages; each must end as it should, in less than 200 ms of processor time. Then atheris, guided by
coverage, for `--runs` of each kind; where it is not installed, that is told at the end. A seed plays one variant again. Exits 1 if
anything is broken.
"""

import argparse
import asyncio
import importlib.util
import subprocess
import sys
from collections.abc import Awaitable, Callable, Sequence

from tests.fuzz import campaign, kept, mutating
from tests.fuzz.campaign import Report

_LIMIT_SECONDS = 0.2
_SHOWN = 10
_PLAY: dict[str, Callable[[Sequence[int]], Awaitable[Report]]] = {
    "messages": campaign.messages,
    "answers": campaign.answers,
    "deliveries": campaign.deliveries,
}

_GUIDED = ("messages", "answers")


def _warm(name: str) -> None:
    """The first ones load libraries."""
    asyncio.run(_report(name, range(20)))


async def _report(name: str, seeds: Sequence[int]) -> Report:
    return await _PLAY[name](seeds)


def _many(name: str, count: int) -> bool:
    _warm(name)
    report = asyncio.run(_report(name, range(count)))
    ends = ", ".join(f"{number} {end}" for end, number in report.ends.most_common())
    print(f"{report.count} hostile {name}: {ends}; {len(report.broken)} broken")
    print(f"  the longest took {report.seconds * 1000:.0f} ms of processor time (seed {report.slowest})", flush=True)
    for line in report.broken[:_SHOWN]:
        print(f"  broken: {line}")
    if report.seconds >= _LIMIT_SECONDS:
        print(f"  too slow: {_LIMIT_SECONDS * 1000:.0f} ms are allowed")
    return not report.broken and report.seconds < _LIMIT_SECONDS


def _guided(name: str, runs: int) -> bool:
    print(f"atheris: {runs} {name}, guided by coverage", flush=True)
    return subprocess.run([sys.executable, "-m", "tests.fuzz.guided", name, str(runs)], check=False).returncode == 0


def _one(name: str, seed: int) -> bool:
    print(mutating.variant(kept.corpus(campaign.CORPUS[name]), seed)[:4_000])
    report = asyncio.run(_report(name, [seed]))
    print(report)
    return not report.broken


def main() -> int:
    """Do what the command line asks."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("again", nargs="*", metavar="KIND SEED", help="play this one again")
    parser.add_argument("--count", type=int, default=10_000, help="variants of each kind (%(default)s)")
    parser.add_argument("--runs", type=int, default=0, help="runs of atheris for each kind (%(default)s)")
    asked = parser.parse_args()
    if asked.again:
        name, seed = asked.again
        return 0 if _one(name, int(seed)) else 1
    well = [_many(name, asked.count) for name in _PLAY]
    guided = importlib.util.find_spec("atheris") is not None
    if asked.runs and guided:
        well += [_guided(name, asked.runs) for name in _GUIDED]
    if asked.runs and not guided:
        print(
            f"NOT DONE: {asked.runs} runs of each kind, guided by coverage, since atheris is not installed", flush=True
        )
    return 0 if all(well) else 1


if __name__ == "__main__":
    sys.exit(main())
