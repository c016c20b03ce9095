"""The slot on a copy: it survives, and nonsense in its place counts as none."""

from datetime import timedelta

import pytest

from shared.messaging import copies, incoming, settlement, slot
from shared.messaging.slot import Slot
from tests import builders, fakes

SLOT = Slot(fakes.NOW + timedelta(seconds=21, milliseconds=250), 3, 7)
PUT_OFF = settlement.PutOff(fakes.NOW + timedelta(seconds=20), settlement.PutOffReason.RATE_LIMIT, SLOT)


def test_a_message_put_off_for_the_rate_limit_carries_its_slot() -> None:
    copy = copies.schedule(builders.message(), PUT_OFF, now=fakes.NOW)

    message = incoming.read(builders.delivery(copy), queue=builders.OFFBOARDING, now=copy.enqueue_at)

    assert (message.slot, message.attempt, message.copy) == (SLOT, 1, 1)


def test_the_slot_is_for_that_copy_alone() -> None:
    copy = copies.schedule(builders.message(), PUT_OFF, now=fakes.NOW)
    message = incoming.read(builders.delivery(copy), queue=builders.OFFBOARDING, now=copy.enqueue_at)

    later = copies.schedule(message, settlement.DelayedRetry(timedelta(seconds=5)), now=fakes.NOW)

    assert "slot" not in later.application_properties


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "soon",
        "2026-11-22T09:30:00 1 0",
        "2026-11-22T09:30:00+00:00",
        "2026-11-22T09:30:00+00:00 0 0",
        "2026-11-22T09:30:00+00:00 -1 0",
        "2026-11-22T09:30:00+00:00 1 x",
        "2026-13-41T99:30:00+00:00 1 0",
        "2026-11-22T09:30:00+00:00 99999999999 0",
        "9" * 100_000,
    ],
)
def test_what_is_no_slot_is_none(text: str | None) -> None:
    assert slot.parse(text) is None
