"""All benchmarks, some ten minutes: prints figures, writes results and charts. Exits 1 if a target is missed."""

import logging
import sys
from datetime import UTC, datetime

from benchmarks import calls, charts, growth, machine, overhead, printing, quota, report, start
from benchmarks.targets import TARGETS


def main() -> int:
    """Measure, print, write."""
    logging.disable()
    figures: dict[str, float] = {}
    for benchmark in (start, overhead, growth, quota, calls):  # first what a warm process would make look better
        measured = benchmark.measure()
        printing.show(measured)
        figures |= measured
    today = datetime.now(UTC).date().isoformat()  # noqa: TID251 - the date of the results
    report.write(figures, date=today, size=machine.size(), command="make bench")
    charts.draw(figures, quota.progress(), quota.DEVICES / quota.FLOOR_SECONDS)
    missed = [target for target in TARGETS if not target.met(figures[target.key])]
    for target in missed:
        print(f"missed: {target.key} is {printing.number(figures[target.key])}, {target.bound}", file=sys.stderr)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
