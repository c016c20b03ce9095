"""The shared record's text."""

from datetime import timedelta

import pytest

from shared.graph import budget, budget_text
from shared.graph.budget import Budget, Refused
from tests.fakes import NOW


def test_a_budget_survives_being_written() -> None:
    known = Budget()
    for _ in range(7):
        known, _ = budget.reserve(known, 20, NOW)
    known = budget.throttled(known, NOW + timedelta(seconds=1), None, sent_at=NOW, refused=Refused.WRITE)

    assert budget_text.read(budget_text.write(known)) == known


def test_each_number_of_a_budget_survives_being_written() -> None:
    known = Budget(level=0.25, refused_level=0.5, epoch=7, closings=3, level_before=0.75)

    assert budget_text.read(budget_text.write(known)) == known


def test_times_are_rounded_up_so_that_nobody_begins_too_early() -> None:
    closed = Budget(closed_until=NOW + timedelta(microseconds=1))

    assert budget_text.read(budget_text.write(closed)).closed_until == NOW + timedelta(milliseconds=1)


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", "{", '{"grants": 1}', '{"grants": [[1e99, 1]]}'])
def test_a_text_that_cannot_be_read_is_a_fresh_budget(text: str) -> None:
    assert budget_text.read(text) == Budget()
