"""The random schedules with queues that remember ids for 60 s only: copies, looks and replays outlast that, and so do senders."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.proof import bus, schedules

SHORT = timedelta(seconds=60)


@pytest.fixture(autouse=True)
def _forgets_soon(monkeypatch: pytest.MonkeyPatch) -> None:
    queues = tuple(replace(queue, duplicate_window=SHORT) for queue in bus._NAMESPACE.queues)
    assert all(queue.duplicate_window != SHORT for queue in bus._NAMESPACE.queues)
    monkeypatch.setattr(bus, "_NAMESPACE", replace(bus._NAMESPACE, queues=queues))


def test_whatever_is_drawn_every_message_ends_and_nobody_elses_device_is_touched() -> None:
    broken = {seed: played.broken for seed in range(80) if (played := schedules.play(seed)).broken}

    assert broken == {}
