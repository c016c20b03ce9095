import pytest

from benchmarks.printing import number
from benchmarks.targets import Target

AT_MOST, AT_LEAST = Target(key="k", what="w", most=10), Target(key="k", what="w", least=300)


@pytest.mark.parametrize(
    ("target", "value", "met", "ratio"),
    [(AT_MOST, 10, True, 1), (AT_MOST, 10.1, False, 1.01), (AT_LEAST, 300, True, 1), (AT_LEAST, 150, False, 0.5)],
)
def test_a_target_is_a_bound_that_may_be_reached(target: Target, value: float, met: bool, ratio: float) -> None:
    assert target.met(value) is met
    assert target.ratio(value) == pytest.approx(ratio)


@pytest.mark.parametrize(
    ("value", "shown"), [(11200, "11,200"), (0.0, "0"), (1.0334, "1.033"), (3446.4, "3,446"), (132.0, "132")]
)
def test_a_figure_is_shown_as_precisely_as_it_is_read(value: float, shown: str) -> None:
    assert number(value) == shown
