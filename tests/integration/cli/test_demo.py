import dataclasses
from collections.abc import Sequence

import pytest

from cli.demo import script, show
from cli.demo.script import Step

ONLY = "IT-2001"


def test_the_demo_shows_what_its_script_says(capsys: pytest.CaptureFixture[str]) -> None:
    code = show.run()

    shown = capsys.readouterr().out
    assert code == 0
    assert "Every message ended, and every device was left, as the sample says." in shown
    assert all(step.message_id in shown for step in script.steps("2026-11-22T09:30:00Z"))


def test_the_demo_fails_if_anything_ends_otherwise(capsys: pytest.CaptureFixture[str]) -> None:
    wrong = script.Expected(settlement="InvalidMessage", outcome="alreadyUnassigned", devices={}, attempts=2)

    def steps(effective_at: str) -> Sequence[Step]:
        (step,) = [step for step in script.steps(effective_at) if step.message_id == ONLY]
        return [dataclasses.replace(step, expected=wrong)]

    code = show.run(steps)

    shown = capsys.readouterr().out
    assert code == 1
    for what in ("settlement", "outcome", "devices", "attempt"):
        assert f"not as expected: {ONLY}: {what}: " in shown
