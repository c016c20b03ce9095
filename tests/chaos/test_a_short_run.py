"""A short run of everything: real hosts, killed and cut off; the long one is `make chaos`."""

from pathlib import Path

import pytest

from tests.chaos import report, running
from tests.chaos.faults import Hurt


@pytest.mark.e2e
@pytest.mark.timeout(240)  # half a minute, on a machine that does nothing else
def test_hosts_that_are_hurt_and_cut_off_lose_nothing_and_touch_nobody_elses_device(tmp_path: Path) -> None:
    told: list[str] = []

    ran = running.run(running.SHORT, tmp_path, told.append)

    shown = list(report.lines(ran))
    assert not ran.violations, [*told, *shown]
    assert not ran.out_of_time, [*told, *shown]
    assert ran.happened[Hurt.KILL] >= running.SHORT.kills
    assert sum(ran.happened.values()) >= running.SHORT.kills + running.SHORT.cuts
    assert "lost                     0" in shown
