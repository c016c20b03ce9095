"""The heartbeat: it beats whether or not the queues can be looked into."""

import logging
from datetime import datetime, timedelta

import pytest

from shared import ports
from shared.heartbeat import Heartbeat
from tests import fakes
from tests.collecting import Collected


class Backlog:
    """Queues by name, with the time of their oldest message; one without an entry can't be read."""

    def __init__(self, **queues: datetime | None) -> None:
        self.queues = queues

    async def oldest_active(self, queue: str) -> datetime | None:
        if queue not in self.queues:
            raise ports.BacklogUnreadable("no such queue")
        return self.queues[queue]


def heartbeat(*queues: str, **backlog: datetime | None) -> Heartbeat:
    return Heartbeat(backlog=Backlog(**backlog), clock=fakes.FakeClock(), queues=queues)


async def test_a_beat_tells_the_age_of_each_queues_oldest_message() -> None:
    collected = Collected()

    await heartbeat("busy", "empty", busy=fakes.NOW - timedelta(minutes=20), empty=None)()

    ages = {point.attributes["queue"]: point.value for point in collected.points() if "queue" in point.attributes}
    assert (ages["busy"], ages["empty"]) == (1200, 0)


async def test_it_beats_for_queues_that_cannot_be_read_and_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    collected = Collected()

    with caplog.at_level(logging.WARNING):
        await heartbeat("gone", "empty", empty=None)()

    points = collected.points()
    assert [point.value for point in points if point.name == "autopilot.heartbeat"] == [1]
    assert [point.value for point in points if point.attributes == {"queue": "empty"}] == [0]
    assert not [point for point in points if point.attributes == {"queue": "gone"}]
    assert [record.getMessage() for record in caplog.records] == [
        "heartbeat.queue_unreadable queue=gone text=no such queue"
    ]
