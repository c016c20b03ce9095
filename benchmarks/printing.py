"""Figures on a terminal: each with its target and the ratio to it, where it has one."""

from typing import Final

from benchmarks.targets import TARGETS, Figures

_BY_KEY: Final = {target.key: target for target in TARGETS}


def show(figures: Figures) -> None:
    """One line for each figure."""
    for key, value in figures.items():
        line = f"{key:44} {number(value):>12}"
        if (target := _BY_KEY.get(key)) is not None:
            line += f"   {target.bound:18} ratio {target.ratio(value):.2f}"
        print(line.rstrip(), flush=True)


def number(value: float) -> str:
    """A figure as a reader wants it: whole ones whole, others with three decimals, or four digits."""
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:.3f}" if abs(value) < 1000 else f"{value:,.0f}"
