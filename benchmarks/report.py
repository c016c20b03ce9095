"""results.json, flat and exact, and results.md for readers. Writes what it is given; measures nothing."""

import json
from pathlib import Path
from typing import Final

from benchmarks.printing import number
from benchmarks.targets import TARGETS, Figures

FOLDER: Final = Path(__file__).parent
_DIGITS: Final = 4
_HEAD: Final = """\
# Results

Written by `make bench`; do not edit. Measured on {date} on {size}, with:

```
{command}
```

`calls` is measured with all the real parts, the median of three runs: emulated Service Bus and Graph on sockets, Intune's quota
enforced, the worker library and the SDKs. How full batches get there depends on how fast the machine is at that moment. The naive
code (`benchmarks/naive.py`: one message at a time, a scan for each user, a GET and a POST for each device through msgraph-sdk's
models, an exception on failure) would take hours for that. It was run through the real library at a fiftieth of the size (as many
pages to a list, as many devices to a leaver), and in full in virtual time against the same emulated Graph called directly; both
agree. `quota` and the queues of `growth` run the whole service in virtual time against that same Graph: medians of five seeds,
which decide how long each call takes; of three rounds for the queues. A call is counted for each item of a batch. CPU is the
benchmark's own process's; for a message it is that of the best of five rounds; times of imports are the least of nine
processes. Nothing here has met Azure.

The models are kind: a call to Graph takes 0.2 to 0.5 s and never much longer, storage 10 ms, and clocks agree. `docs/limits.md`
says what several processes come to where calls are slow.

A start loads the settings and their checks only. All else, a fifth of a second of imports, is loaded when the first message
comes: `start.first_list_ms` has all of it in it.

| figure | what it is | measured | target | measured / target |
|---|---|---|---|---|
"""
_CHARTS: Final = ("calls", "quota", "overhead", "start", "growth")


def rounded(figures: Figures) -> dict[str, float]:
    """The figures of results.json: each target's, in their order, as precise as they deserve."""
    return {target.key: round(float(figures[target.key]), _DIGITS) for target in TARGETS}


def row(key: str, value: float) -> str:
    """A target's row of the table."""
    target = next(each for each in TARGETS if each.key == key)
    return f"| `{key}` | {target.what} | {number(value)} | {target.bound} | {target.ratio(value):.2f} |"


def write(figures: Figures, *, date: str, size: str, command: str, folder: Path = FOLDER) -> None:
    """Both files."""
    results = rounded(figures)
    (folder / "results.json").write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")
    rows = "".join(f"{row(key, value)}\n" for key, value in results.items())
    charts = "".join(f"![{name}](charts/{name}.svg)\n\n" for name in _CHARTS)
    others = {key: value for key, value in figures.items() if key not in results}
    more = "".join(f"| `{key}` | {number(round(value, _DIGITS))} |\n" for key, value in others.items())
    text = _HEAD.format(date=date, size=size, command=command) + rows + f"\n{charts}"
    text += f"## Measured beside\n\n| figure | measured |\n|---|---|\n{more}"
    (folder / "results.md").write_text(text, encoding="utf-8")
