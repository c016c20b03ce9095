"""What tests of the agreement share: a budget over a record, and changes to it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from shared.graph import budget_text
from shared.graph.agreement import SharedBudget
from shared.graph.budget import Budget
from tests import virtual_time
from tests.fakes_records import InMemoryRecord
from tests.virtual_time import VirtualClock

CLOSED = virtual_time.START + timedelta(hours=1)


def shared(record: InMemoryRecord, *, jitter: float = 0.5) -> SharedBudget:
    return SharedBudget(record, clock=VirtualClock(), sleep=asyncio.sleep, jitter=lambda: jitter)


def one_more(known: Budget, _ceiling: float) -> tuple[Budget, int]:
    return replace(known, epoch=known.epoch + 1), known.epoch + 1


def closed(known: Budget) -> Budget:
    return replace(known, closed_until=CLOSED)


def on_record(record: InMemoryRecord) -> Budget:
    assert record.state is not None
    return budget_text.read(record.state.text)
