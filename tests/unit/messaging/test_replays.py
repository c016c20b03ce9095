"""What a replay is: a new original that is still the same event, and as old."""

from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from shared.domain.errors import InvalidMessage
from shared.messaging import incoming, replays, settlement
from shared.messaging.copies import schedule
from shared.messaging.incoming import IncomingMessage
from shared.messaging.message_ids import MESSAGE_ID_LIMIT
from shared.messaging.replays import Replay
from tests import builders, fakes

LATER = fakes.NOW + timedelta(days=3)


def next_replay(message: IncomingMessage, **options: Any) -> Replay:
    run, _ = next(replays.ids(message))
    return replays.of(message, run=run, **options)


def arrived(replay: Replay, **fields: Any) -> IncomingMessage:
    """A replay as the trigger delivers it, three days later."""
    fields = {"enqueued_time_utc": LATER, **fields}
    return builders.read(
        body=replay.body,
        message_id=replay.message_id,
        application_properties=dict(replay.application_properties),
        **fields,
    )


@pytest.mark.parametrize(
    "first", ["x", "x:r1", "x:r2", "x:1", ":r1", "x" * MESSAGE_ID_LIMIT, "x" * 125 + ":r1", "~" * 127, "ä" * 128]
)
def test_a_replay_of_a_replay_is_the_same_event_under_an_id_of_its_own(first: str) -> None:
    message = builders.read(message_id=first)
    seen = [message]
    for _ in range(12):
        seen.append(arrived(next_replay(seen[-1])))

    assert {each.default_event_id for each in seen} == {first}
    assert [each.run for each in seen] == list(range(13))
    assert len({each.message_id for each in seen}) == 13
    assert all(len(each.message_id) <= MESSAGE_ID_LIMIT for each in seen)


def test_a_replays_id_counts_on_from_the_first_one() -> None:
    message = builders.read(message_id="x:r1", application_properties={"replay": 1})

    assert next_replay(message).message_id == "x:r2"


def test_a_name_that_does_not_fit_the_id_is_not_what_was_replayed() -> None:
    forged = {"replay": 1, "replayOf": "somebody-elses"}

    assert builders.read(message_id="x:r1", application_properties=forged).default_event_id == "x"


def test_a_copy_is_replayed_as_its_original() -> None:
    copy = builders.read(
        message_id="m-0:3",
        application_properties=builders.of_a_copy(
            copy=3, originalMessageId="m-0", attempt=7, firstFailedAt="2026-11-20T09:00:00Z", slot="s", customer="c"
        ),
    )

    replay = next_replay(copy)
    message = arrived(replay)

    assert (replay.message_id, message.run, message.copy, message.attempt) == ("m-0:r1", 1, 0, 1)
    assert (message.first_failed_at, message.slot, message.original_message_id) == (None, None, "m-0:r1")
    assert set(replay.application_properties) == {"replay", "replayOf", "firstEnqueuedAt", "customer"}


def test_what_is_replayed_is_as_old_as_when_it_first_arrived() -> None:
    first = arrived(next_replay(builders.read()))
    second = arrived(next_replay(first), enqueued_time_utc=LATER + timedelta(days=30))

    assert first.first_enqueued_at == second.first_enqueued_at == fakes.NOW


def test_a_time_of_arrival_after_that_of_the_replay_counts_for_nothing() -> None:
    properties = {"replay": 1, "firstEnqueuedAt": (LATER + timedelta(days=1)).isoformat()}

    assert builders.read(enqueued_time_utc=LATER, application_properties=properties).first_enqueued_at == LATER


def test_what_the_broker_and_the_sdk_added_is_left_behind() -> None:
    added = {"DeadLetterReason": "r", "DeadLetterErrorDescription": "d", "Diagnostic-Id": "i", "traceparent": "t"}
    kept = {"cloudEvents:id": "e-1", "cloudEvents_type": "user.offboarded", "customer": 7}

    replay = next_replay(builders.read(application_properties={**added, **kept}))

    assert added.keys().isdisjoint(replay.application_properties)
    assert kept.items() <= replay.application_properties.items()


def test_the_body_is_the_old_one_or_the_corrected_one() -> None:
    message = builders.read(body=b"old")

    assert (next_replay(message).body, next_replay(message, body=b"new").body) == (b"old", b"new")


def test_a_replay_carries_the_override_that_it_was_given_and_no_older_one() -> None:
    guarded = builders.read(message_id="x:r1", application_properties={"replay": 1, "override": "first"})

    assert guarded.override == "first"
    assert arrived(next_replay(guarded)).override is None
    assert arrived(next_replay(guarded, override="second")).override == "second"


def test_copies_of_a_replay_keep_what_makes_it_one() -> None:
    replay = arrived(next_replay(builders.read(message_id="x" * 128), override="o-1"))

    copy = schedule(replay, settlement.DelayedRetry(timedelta(minutes=1)), now=LATER)
    again = incoming.read(
        builders.delivery(copy, enqueued_time_utc=LATER + timedelta(minutes=1)), queue="q", now=fakes.NOW
    )

    assert (again.run, again.override, again.attempt, again.copy) == (1, "o-1", 2, 1)
    assert (again.default_event_id, again.first_enqueued_at) == ("x" * 128, fakes.NOW)


LOOK = {"eventType": "user.offboarded", "eventId": "E-1", "eventRun": 2, "verify": 4, "eventArrivedAt": "2026-11-01"}


def a_look(**fields: Any) -> IncomingMessage:
    properties = {**LOOK, **fields.pop("properties", {})}
    return builders.read(message_id="user.offboarded:E-1:2:verify:4", application_properties=properties, **fields)


def test_a_replayed_verification_looks_anew_under_an_id_that_no_look_of_the_run_has() -> None:
    look = a_look(properties={"override": "o-1"})
    run, message_id = next(replays.ids(look, of_a_look=True))

    replay = replays.of(look, run=run, of_a_look=True)

    assert (replay.message_id, message_id) == 2 * ("user.offboarded:E-1:2:verify:1:r1",)
    assert replay.application_properties.items() >= {**LOOK, "verify": 1, "replay": 1, "override": "o-1"}.items()
    last = builders.read(message_id="user.offboarded:E-1:2:verify:4:r1", application_properties={**LOOK, "replay": 1})
    assert next(replays.ids(last, of_a_look=True)) == (2, "user.offboarded:E-1:2:verify:1:r2")


def test_what_is_no_verification_of_ours_has_no_look_to_go_back_to() -> None:
    with pytest.raises(InvalidMessage):
        next(replays.ids(builders.read(), of_a_look=True))


def test_runs_that_another_message_has_taken_are_passed_over() -> None:
    message = builders.read(message_id="x:r4", application_properties={"replay": 4})

    assert list(islice(replays.ids(message), 3)) == [(5, "x:r5"), (6, "x:r6"), (7, "x:r7")]


def test_a_replay_made_again_is_known_by_its_fingerprint() -> None:
    message, again = builders.read(body=b"1"), builders.read(body=b"1", delivery_count=9, lock_token="another")

    def made(each: IncomingMessage, body: bytes | None = None, *, overridden: bool = False) -> str:
        return replays.fingerprint(each, body=body, overridden=overridden)

    assert made(message) == made(again)
    others = [
        made(message, b"2"),
        made(message, overridden=True),
        made(builders.read(body=b"2")),
        made(builders.read(body=b"1", application_properties={"cloudEvents:id": "2"})),
    ]
    assert len({made(message), *others}) == 5
    assert [replays.of_the_same_message(made(message), other) for other in others] == [True, True, False, False]


def test_a_fingerprint_stays_what_it_is_on_record() -> None:
    properties = {"theirs": "b", "another": 1, "attempt": 7}
    message = builders.message(b'{"a":1}', application_properties=properties)

    old = replays.fingerprint(message, body=None, overridden=False)
    mended = replays.fingerprint(message, body=b"{}", overridden=True)

    assert old == "0d88162554b8f68a7f3a48cdcd945858.ad320da1e0321fafaa550afdf3d9981e"
    assert mended == "0d88162554b8f68a7f3a48cdcd945858.eb7efe9795094432e7e9e06933673c9f"


def test_a_replay_is_of_the_message_and_the_run_that_it_was_asked_for() -> None:
    message = builders.message()

    replay = replays.of(message, run=3)

    assert (replay.original, replay.run) == (message, 3)
