"""The trigger's message as ours, whatever its properties say."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest

from shared.messaging import incoming
from tests import builders, fakes

NAIVE = datetime(2026, 11, 22, 9, 30)  # noqa: DTZ001 - as the host sends it


def with_properties(**properties: Any) -> incoming.IncomingMessage:
    return builders.read(application_properties=builders.of_a_copy(**properties))


def test_a_message_as_it_was_sent_is_the_first_attempt_of_no_copy_and_no_replay() -> None:
    message = builders.read()

    assert (message.attempt, message.copy, message.run) == (1, 0, 0)
    assert (message.original_message_id, message.default_event_id) == ("message-1", "message-1")
    assert (message.first_enqueued_at, message.first_failed_at) == (fakes.NOW, None)


@pytest.mark.parametrize(
    ("value", "attempt"),
    [
        pytest.param(7, 7, id="7 → 7"),
        pytest.param("7", 7, id="text → its number"),
        pytest.param(0, 1, id="0 → 1"),
        pytest.param(-5, 1, id="-5 → 1"),
        pytest.param("-5", 1, id="text -5 → 1"),
        pytest.param("abc", 1, id="abc → 1"),
        pytest.param("", 1, id="empty → 1"),
        pytest.param("٧", 1, id="another alphabet's digit → 1"),
        pytest.param("²", 1, id="superscript → 1"),
        pytest.param(1_000_000, 1_000_000, id="a million → a million"),
        pytest.param("1000000", 1_000_000, id="text of a million → a million"),
        pytest.param("00000007", 1, id="text of eight digits → 1"),
        pytest.param(1_000_001, 1, id="more than a million → 1"),
        pytest.param("9" * 5000, 1, id="5,000 digits → 1"),
        pytest.param(10**30, 1, id="10**30 → 1"),
        pytest.param(True, 1, id="True → 1"),
        pytest.param(b"7", 1, id="bytes → 1"),
        pytest.param(7.0, 1, id="a float → 1"),
        pytest.param(float("nan"), 1, id="NaN → 1"),
        pytest.param(None, 1, id="None → 1"),
        pytest.param([7], 1, id="a list → 1"),
    ],
)
def test_nonsense_in_a_number_counts_as_absent(value: Any, attempt: int) -> None:
    assert with_properties(attempt=value).attempt == attempt
    assert with_properties(copy=value).copy == (attempt if attempt > 1 else 0)
    assert with_properties(replay=value).run == (attempt if attempt > 1 else 0)


def test_a_senders_own_attempt_is_not_ours() -> None:
    message = builders.read(application_properties={"attempt": 300, "firstFailedAt": "2026-01-01T00:00:00+00:00"})

    assert (message.attempt, message.first_failed_at) == (1, None)


def test_an_original_id_without_a_copys_number_is_a_senders_own() -> None:
    message = builders.read(application_properties={"originalMessageId": "another"})

    assert message.original_message_id == "message-1"


@pytest.mark.parametrize("value", ["", "  ", 5, None, b"m-0", ["m-0"]])
def test_nonsense_in_the_original_id_counts_as_absent(value: Any) -> None:
    assert with_properties(originalMessageId=value).original_message_id == "message-1"


@pytest.mark.parametrize(
    "value", ["", "soon", 5, None, "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00"]
)
def test_nonsense_in_a_time_counts_as_absent(value: Any) -> None:
    message = with_properties(firstEnqueuedAt=value, firstFailedAt=value)

    assert (message.first_enqueued_at, message.first_failed_at) == (fakes.NOW, None)


@pytest.mark.parametrize("text", ["2026-11-20T09:00:00+00:00", "2026-11-20T10:00:00+01:00", "2026-11-20T09:00:00"])
def test_our_own_times_come_back_as_utc(text: str) -> None:
    message = with_properties(firstEnqueuedAt=text, firstFailedAt=text)

    assert message.first_enqueued_at == message.first_failed_at == datetime(2026, 11, 20, 9, tzinfo=UTC)


def test_a_replay_keeps_the_event_id_of_what_it_replays() -> None:
    assert builders.read(message_id="m-0:r2", application_properties={"replay": 2}).default_event_id == "m-0"
    assert builders.read(message_id="m-0:r2").default_event_id == "m-0:r2"


@pytest.mark.parametrize(
    "enqueued", [NAIVE, fakes.NOW, fakes.NOW.astimezone(timezone(timedelta(hours=2)))], ids=["naive", "UTC", "+02:00"]
)
def test_a_time_without_an_offset_is_utc_as_the_host_sends_it(enqueued: datetime) -> None:
    assert builders.read(enqueued_time_utc=enqueued).enqueued_at == fakes.NOW


def test_what_the_host_leaves_out_has_a_default() -> None:
    message = builders.read(lock_token=None, delivery_count=None, enqueued_time_utc=None, application_properties=None)

    assert (message.lock_token, message.delivery_count, message.enqueued_at) == ("", 1, fakes.NOW)
    assert message.application_properties == {}


def test_a_message_without_an_id_gets_one_that_redelivery_keeps() -> None:
    first = builders.read(message_id="", sequence_number=5)
    again = builders.read(message_id="", sequence_number=5, delivery_count=2)

    assert first.message_id == again.message_id


def test_the_same_sequence_number_of_another_queue_or_another_day_is_another_message() -> None:
    trigger = builders.Trigger(message_id="", sequence_number=5)
    later = builders.Trigger(message_id="", sequence_number=5, enqueued_time_utc=fakes.NOW + timedelta(days=1))
    undated = builders.Trigger(message_id="", sequence_number=5, enqueued_time_utc=None)
    read = [
        incoming.read(trigger, queue=builders.OFFBOARDING, now=fakes.NOW),
        incoming.read(trigger, queue=builders.RETIREMENT, now=fakes.NOW),
        incoming.read(later, queue=builders.OFFBOARDING, now=fakes.NOW),
        incoming.read(undated, queue=builders.OFFBOARDING, now=fakes.NOW),
    ]

    assert len({message.message_id for message in read}) == 4


@pytest.fixture
def in_tokyo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as here:
        here.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        yield
    time.tzset()


@pytest.mark.usefixtures("in_tokyo")
@pytest.mark.parametrize("written", ["2026-11-22T09:30:00", "2026-11-22T10:30:00+01:00"])
def test_a_time_is_in_utc_wherever_the_process_runs(written: str) -> None:
    assert incoming.aware(datetime.fromisoformat(written)).isoformat() == "2026-11-22T09:30:00+00:00"


def test_the_senders_standard_properties_are_kept() -> None:
    standard = {
        "content_type": "application/json",
        "correlation_id": "c",
        "subject": "s",
        "to": "t",
        "reply_to": "r",
        "partition_key": "p",
    }

    message = builders.read(**standard)

    assert {name: getattr(message, name) for name in standard} == standard


def test_a_message_without_an_id_and_a_time_is_known_by_its_number() -> None:
    message = builders.read(message_id="", enqueued_time_utc=None, sequence_number=5)

    assert message.message_id == f"{builders.OFFBOARDING}-5"
