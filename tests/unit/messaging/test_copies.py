"""The scheduled copy: a new id each time, and what must survive."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.messaging import incoming, message_ids, settlement
from shared.messaging.copies import ScheduledCopy, schedule
from shared.messaging.incoming import IncomingMessage
from tests import builders, fakes

NOW = fakes.NOW
RETRY = settlement.DelayedRetry(timedelta(seconds=30))
PUT_OFF = settlement.PutOff(NOW + timedelta(days=1), settlement.PutOffReason.NOT_YET_EFFECTIVE)


def arrived(copy: ScheduledCopy) -> IncomingMessage:
    return incoming.read(builders.delivery(copy), queue=copy.original.queue, now=copy.enqueue_at)


def test_a_delayed_retry_is_the_next_attempt_after_its_delay() -> None:
    copy = schedule(builders.message(), RETRY, now=NOW)

    message = arrived(copy)

    assert copy.enqueue_at == NOW + timedelta(seconds=30)
    assert (message.attempt, message.copy, message.message_id) == (2, 1, "message-1:1")
    assert (message.first_enqueued_at, message.first_failed_at) == (NOW, NOW)


def test_rule_2_a_put_off_is_not_an_attempt_and_not_a_failure() -> None:
    copy = schedule(builders.message(), PUT_OFF, now=NOW)

    message = arrived(copy)

    assert copy.enqueue_at == PUT_OFF.until
    assert (message.attempt, message.copy, message.first_failed_at) == (1, 1, None)


def test_every_copy_has_an_id_of_its_own_whatever_it_was_made_for() -> None:
    decisions: list[settlement.PutOff | settlement.DelayedRetry] = [PUT_OFF, RETRY, RETRY, PUT_OFF, PUT_OFF, RETRY]
    message, ids = builders.message(), []
    for number, decision in enumerate(decisions, 1):
        copy = schedule(message, decision, now=NOW + timedelta(minutes=number))
        ids.append(copy.message_id)
        message = arrived(copy)

    assert ids == [f"message-1:{number}" for number in range(1, 7)]
    assert (message.attempt, message.default_event_id) == (4, "message-1")


def test_the_clocks_keep_the_first_arrival_and_the_first_failure() -> None:
    first = arrived(schedule(builders.message(), RETRY, now=NOW + timedelta(minutes=1)))

    second = arrived(schedule(first, RETRY, now=NOW + timedelta(minutes=9)))
    third = arrived(schedule(second, PUT_OFF, now=NOW + timedelta(minutes=20)))

    assert second.first_enqueued_at == third.first_enqueued_at == NOW
    assert second.first_failed_at == third.first_failed_at == NOW + timedelta(minutes=1)


def test_a_replay_has_copies_of_its_own_and_keeps_its_run() -> None:
    replay = builders.message(message_id="message-1:r2", application_properties={"replay": 2})

    copy = schedule(replay, RETRY, now=NOW)

    assert copy.message_id == "message-1:r2:1"
    assert (arrived(copy).run, arrived(copy).default_event_id) == (2, "message-1")


@pytest.mark.parametrize("length", [125, 126, 127, 128])
def test_ids_at_the_brokers_limit_stay_within_it_and_apart(length: int) -> None:
    message = builders.message(message_id="m" * length)
    ids = []
    for _ in range(12):
        copy = schedule(message, RETRY, now=NOW)
        ids.append(copy.message_id)
        message = arrived(copy)

    assert max(map(len, ids)) <= message_ids.MESSAGE_ID_LIMIT
    assert len(set(ids)) == 12
    assert message.default_event_id == "m" * length


@given(st.lists(st.text(max_size=300), min_size=2, max_size=5, unique=True))
def test_bounding_an_id_never_makes_two_the_same(ids: list[str]) -> None:
    bounded = [message_ids.bounded_message_id(each) for each in ids]

    assert len(set(bounded)) == len(ids)
    assert max(map(len, bounded)) <= message_ids.MESSAGE_ID_LIMIT


def test_a_senders_properties_survive_and_the_brokers_and_the_sdks_do_not() -> None:
    own = {"tenant": "contoso", "cloudEvents:id": "ce-1", "replay": 1}
    added = {
        "DeadLetterReason": "StaleMessage",
        "deadlettererrordescription": "x",
        "Diagnostic-Id": "00-1",
        "traceparent": "00-2",
        "TraceState": "a=b",
    }

    copy = schedule(builders.message(application_properties={**own, **added}), PUT_OFF, now=NOW)

    ours = {"copy": 1, "attempt": 1, "originalMessageId": "message-1", "firstEnqueuedAt": NOW.isoformat()}
    assert copy.application_properties == {**own, **ours}


def test_the_senders_trace_goes_along_under_a_name_of_ours() -> None:
    trace = f"00-{'1' * 32}-{'2' * 16}-01"

    copy = schedule(builders.message(application_properties={"traceparent": trace}), PUT_OFF, now=NOW)

    assert copy.application_properties["originTrace"] == trace
    assert "traceparent" not in copy.application_properties


@pytest.mark.parametrize("value", ["abc", -5, 10**30, True, b"3", None, [1], float("inf")])
def test_hostile_properties_do_not_stop_a_copy(value: Any) -> None:
    names = ("attempt", "copy", "replay", "originalMessageId", "firstEnqueuedAt", "firstFailedAt")
    hostile = dict.fromkeys(names, value)
    if isinstance(value, str):
        del hostile["originalMessageId"]

    copy = schedule(builders.message(application_properties=hostile), RETRY, now=NOW)

    assert copy.message_id == "message-1:1"
    assert copy.application_properties["attempt"] == 2
    assert arrived(copy).first_failed_at == arrived(copy).first_enqueued_at == NOW


@pytest.mark.parametrize(
    ("given", "sent"),
    [
        pytest.param("text", "text", id="text → itself"),
        pytest.param(True, True, id="a flag → itself"),
        pytest.param(1.5, 1.5, id="a float → itself"),
        pytest.param(2**31 - 1, 2**31 - 1, id="32 bits → itself"),
        pytest.param(2**31, "2147483648", id="more than 32 bits → text"),
        pytest.param(-(2**31), -(2**31), id="the least of 32 bits → itself"),
        pytest.param(-(2**31) - 1, "-2147483649", id="less than 32 bits → text"),
        pytest.param({"a": [1, b"x"]}, """{"a": [1, "b'x'"]}""", id="nested → JSON text"),
        pytest.param(b"x", "\"b'x'\"", id="bytes → JSON text"),
    ],
)
def test_a_senders_property_becomes_one_that_can_be_sent(given: Any, sent: Any) -> None:
    copy = schedule(builders.message(application_properties={"theirs": given, "none": None}), PUT_OFF, now=NOW)

    assert copy.application_properties["theirs"] == sent
    assert type(copy.application_properties["theirs"]) is type(sent)
    assert "none" not in copy.application_properties
