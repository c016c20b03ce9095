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


@pytest.mark.parametrize(
    "wrong",
    [{"outcome": "alreadyUnassigned"}, {"settlement": "InvalidMessage"}, {"attempts": 2}, {"devices": {}}],
    ids=lambda wrong: next(iter(wrong)),
)
def test_the_demo_fails_if_anything_ends_otherwise(
    capsys: pytest.CaptureFixture[str], wrong: dict[str, object]
) -> None:
    def steps(effective_at: str) -> Sequence[Step]:
        (step,) = [step for step in script.steps(effective_at) if step.message_id == ONLY]
        return [dataclasses.replace(step, expected=dataclasses.replace(step.expected, **wrong))]  # type: ignore[arg-type]

    code = show.run(steps)

    assert code == 1
    assert f"not as expected: {ONLY}: {next(iter(wrong))}: " in capsys.readouterr().out
