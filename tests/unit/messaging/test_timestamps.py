"""RFC 3339 times with an offset, and nothing else."""

from datetime import UTC, datetime
from typing import Any

import pytest

from shared.domain import events
from shared.domain.errors import InvalidMessage
from shared.messaging import contract
from tests import builders


def decoded(value: Any) -> datetime | None:
    body = builders.offboarded_body(occurredAt=value)
    return contract.decode(builders.message(body), events.UserOffboarded.TYPE).request.occurred_at


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T09:30:00Z", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-11-22t09:30:00z", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-11-22T11:30:00+02:00", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-11-22T09:30:00-00:00", datetime(2026, 11, 22, 9, 30, tzinfo=UTC)),
        ("2026-11-22T09:30:00.123456789Z", datetime(2026, 11, 22, 9, 30, 0, 123456, tzinfo=UTC)),
        ("2024-02-29T00:00:00Z", datetime(2024, 2, 29, tzinfo=UTC)),
    ],
)
def test_a_time_with_an_offset_is_read_as_utc(text: str, moment: datetime) -> None:
    assert decoded(text) == moment


@pytest.mark.parametrize(
    "value",
    [
        "2026-11-22T09:30:00",
        "2026-11-22",
        "2026-11-22 09:30:00Z",
        "2026-11-22T09:30Z",
        "2026-13-22T09:30:00Z",
        "2025-02-29T00:00:00Z",
        "2026-11-22T09:30:60Z",
        "2026-11-22T09:30:00+25:00",
        "2026-11-22T09:30:00Z\n",
        "0001-01-01T00:00:00+14:00",
        "9999-12-31T23:59:59-14:00",
        "٢٠٢٦-11-22T09:30:00Z",
        "",
        1_763_800_200,
        True,
        {},
    ],
)
def test_anything_else_is_refused(value: Any) -> None:
    with pytest.raises(InvalidMessage) as refusal:
        decoded(value)

    assert refusal.value.path == "$.occurredAt"
    assert "RFC 3339" in refusal.value.problem
