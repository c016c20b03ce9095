"""The figures as pictures: the same figures give the same bytes. Knows matplotlib, and not how anything was measured."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl

mpl.use("svg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from benchmarks.printing import number
from benchmarks.targets import Figures

FOLDER: Final = Path(__file__).parent / "charts"
_OURS, _NAIVE, _TARGET, _PLAIN = "#2a6f97", "#c1666b", "#444444", "#8d99ae"
_STYLE: Final[Any] = {
    "svg.hashsalt": "autopilot-offboarding",
    "svg.fonttype": "none",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "figure.constrained_layout.use": True,
}

type Progress = Mapping[str, Sequence[float]]
"""When each device was unassigned, in seconds from the start, by who did it."""


def draw(figures: Figures, progress: Progress, floor_per_second: float, folder: Path = FOLDER) -> None:
    """All charts."""
    folder.mkdir(exist_ok=True)
    with mpl.rc_context(_STYLE):
        _calls(figures, folder)
        _quota(progress, floor_per_second, folder)
        _overhead(figures, folder)
        _start(figures, folder)
        _growth(figures, folder)


def _calls(figures: Figures, folder: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 2.2))
    values = [figures["calls.naive_http_requests"], figures["calls.http_requests"]]
    _bars(axes, ["naive", "ours"], values, [_NAIVE, _OURS])
    axes.set(
        xscale="log", title="HTTP requests to Graph for 500 offboardings, 600 of 20,000 devices", xlim=(10, 40_000)
    )
    _save(figure, folder / "calls.svg")


def _quota(progress: Progress, floor_per_second: float, folder: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 3.6))
    most = max(len(times) for times in progress.values())
    axes.plot([0, most / floor_per_second], [0, most], color=_TARGET, linestyle=":", label="floor, 5 writes a second")
    for name, times in progress.items():
        color = _NAIVE if name.startswith("naive") else None
        style = "--" if name.endswith("at once") else "-"
        label = f"{name}: {len(times):,}"
        axes.plot(sorted(times), range(1, len(times) + 1), label=label, color=color, linestyle=style)
    axes.set(
        title="1,000 devices under 100 writes in 20 s", xlabel="seconds", ylabel="devices unassigned", xlim=(0, 400)
    )
    axes.legend(frameon=False)
    _save(figure, folder / "quota.svg")


def _overhead(figures: Figures, folder: Path) -> None:
    figure, axes = plt.subplots(figsize=(7, 2.4))
    names = ["p50", "p90", "p99"]
    _bars(axes, names, [figures[f"overhead.{name}_ms"] for name in names], [_OURS] * 3)
    axes.set(title="own CPU for a message, ms (at most 1 at the median, 4 at p99)")
    _save(figure, folder / "overhead.svg")


def _start(figures: Figures, folder: Path) -> None:
    figure, (times, sizes) = plt.subplots(1, 2, figsize=(9, 2.6))
    parts = {
        "azure.functions": figures["start.azure_functions_import_ms"],
        "function_app over it": figures["start.import_ms"],
        "first list, ours": figures["start.first_list_ms"],
        "first list, models": figures["start.naive_first_list_ms"],
    }
    _bars(times, list(parts), list(parts.values()), [_PLAIN, _OURS, _OURS, _NAIVE])
    times.set(title="from nothing imported, ms")
    memory = {
        "first list, ours": figures["start.first_list_rss_mib"],
        "first list, models": figures["start.naive_first_list_rss_mib"],
        "host, ready": figures["start.ready_rss_mib"],
        "host, 1,500 messages": figures["start.rss_mib"],
    }
    _bars(sizes, list(memory), list(memory.values()), [_OURS, _NAIVE, _OURS, _OURS])
    sizes.axvline(120, color=_TARGET, linestyle=":")
    sizes.set(title="resident memory, MiB")
    _save(figure, folder / "start.svg")


def _growth(figures: Figures, folder: Path) -> None:
    figure, (messages, memory) = plt.subplots(1, 2, figsize=(9, 3))
    queued, devices = (100, 1_000, 10_000), (1_000, 10_000, 100_000)
    messages.plot(queued, [figures[f"growth.cpu_ms_{each}_queued"] for each in queued], "o-", color=_OURS)
    messages.set(xscale="log", ylim=(0, None), title="CPU for a message, ms", xlabel="messages queued")
    memory.plot(devices, [figures[f"growth.bytes_per_device_{each}"] for each in devices], "o-", color=_OURS)
    memory.axhline(1024, color=_TARGET, linestyle=":")
    memory.set(xscale="log", ylim=(0, 1150), title="bytes kept for a device", xlabel="devices in the tenant")
    _save(figure, folder / "growth.svg")


def _bars(axes: Axes, names: Sequence[str], values: Sequence[float], colors: Sequence[str]) -> None:
    bars = axes.barh(names, values, color=colors)
    axes.bar_label(bars, labels=[number(round(value, 2)) for value in values], padding=3)
    axes.invert_yaxis()
    axes.margins(x=0.3)


def _save(figure: Figure, path: Path) -> None:
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    plt.close(figure)
    # matplotlib leaves spaces at the ends of lines
    lines = path.read_text(encoding="utf-8").splitlines()
    path.write_text("".join(f"{line.rstrip()}\n" for line in lines), encoding="utf-8")
