from collections import defaultdict
from pathlib import Path

from benchmarks import charts


def drawn(folder: Path) -> dict[str, bytes]:
    figures: defaultdict[str, float] = defaultdict(lambda: 2.0)
    charts.draw(figures, {"ours": [1.0, 2.0], "naive": [2.0, 4.0]}, 5.0, folder)
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_figures_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = drawn(tmp_path / "first"), drawn(tmp_path / "second")

    assert len(first) == 5
    assert first == second
