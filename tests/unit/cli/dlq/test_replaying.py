"""One dead letter replayed: in which order, and what an interruption at any step leaves behind."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from cli.dlq import understanding
from cli.dlq.planning import Wish
from cli.dlq.replaying import Replaying
from cli.dlq.results import Result, What
from shared.domain import events
from shared.domain.acts import Act, ActKind
from shared.domain.history import Step
from shared.messaging.conclusion import Conclusion
from shared.messaging.dead_lettered import DeadLettered
from shared.messaging.settlement import Complete
from shared.servicebus.dead_letter_queue import DeadLettersUnreachable
from tests import builders
from tests.fakes import FakeClock
from tests.fakes_dead_letters import Broker, FakeDeadLetterQueue, Killed, MortalJournal, Steps, a_letter

OVERRIDDEN = Wish(operator="Grace", because="a person, not an account", max_replays=5, override=True)
PLAIN = replace(OVERRIDDEN, override=False)
STEPS = 5
"""Claim, record, override, send, complete."""


async def press(broker: Broker, journal: MortalJournal, wish: Wish, steps: Steps | None = None) -> list[Result]:
    """The command once: everything that can be received is replayed."""
    steps = steps or Steps()
    journal.steps = steps
    queue = FakeDeadLetterQueue(broker, steps, batch=10)
    replaying = Replaying(queue, journal, FakeClock(), wish)
    letters = await queue.receive()
    results = [await replaying.replay(understanding.understand(each, events.UserOffboarded.TYPE)) for each in letters]
    await queue.release([letter for letter in letters if letter.message.lock_token in broker.locks])
    return results


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_killed_at_any_step_and_pressed_again_it_is_sent_once(step: int, *, after: bool) -> None:
    broker, journal = Broker(a_letter()), MortalJournal()

    with pytest.raises(Killed):
        await press(broker, journal, OVERRIDDEN, Steps(die_at=step, after=after))
    broker.expire_locks()
    results = await press(broker, journal, OVERRIDDEN)

    (sent,) = broker.sent
    assert (sent.message_id, sent.run) == ("m-1:r1", 1)
    assert broker.dead == {}
    assert all(result.what is What.REPLAYED for result in results)
    on_record = {act.act_id for act in journal.acts if act.kind is ActKind.OVERRIDE and act.run == 1}
    assert sent.application_properties["override"] in on_record


@pytest.mark.parametrize("step", range(1, STEPS + 1))
async def test_it_is_in_one_place_at_least_whenever_it_is_killed(step: int) -> None:
    for after in (False, True):
        broker = Broker(a_letter())

        with pytest.raises(Killed):
            await press(broker, MortalJournal(), OVERRIDDEN, Steps(die_at=step, after=after))

        assert broker.dead or broker.sent


async def test_sent_again_after_the_queue_forgot_the_id_it_is_the_same_run() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    broker.remembers_ids = False

    with pytest.raises(Killed):
        await press(broker, journal, PLAIN, Steps(die_at=4))  # claim, record, send, complete
    broker.expire_locks()
    await press(broker, journal, PLAIN)

    assert [(each.message_id, each.run, each.body) for each in broker.sent] == 2 * [
        ("m-1:r1", 1, builders.as_bytes(builders.offboarded_body()))
    ]


async def test_the_override_is_on_record_of_the_event_for_the_run_before_it_is_sent() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()

    with pytest.raises(Killed):
        await press(broker, journal, OVERRIDDEN, Steps(die_at=4))

    record = await journal.read(understanding.understand(a_letter(), events.UserOffboarded.TYPE).record_id)
    (override,) = [act for act in record.acts if act.kind is ActKind.OVERRIDE]
    assert (override.event_id, override.run) == ("user.offboarded:m-1", 1)
    assert (override.operator, override.reason) == ("Grace", "a person, not an account")
    assert broker.sent == []


async def test_a_replay_without_override_carries_none() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()

    await press(broker, journal, PLAIN)

    assert "override" not in broker.sent[0].application_properties
    assert {act.kind for act in journal.acts} == {ActKind.REPLAY}


def with_id(number: int, message_id: str, **fields: Any) -> DeadLettered:
    return a_letter(number, builders.message(builders.offboarded_body(**fields), message_id=message_id))


async def test_another_message_of_the_same_id_is_sent_under_another_one() -> None:
    broker = Broker(with_id(1, "leaver", eventId="E-1"), with_id(2, "leaver", eventId="E-2"))

    await press(broker, MortalJournal(), PLAIN)

    assert [(each.message_id, each.run) for each in broker.sent] == [("leaver:r1", 1), ("leaver:r2", 2)]
    assert broker.dead == {}


async def test_the_same_message_twice_is_one_replay() -> None:
    broker = Broker(with_id(1, "leaver"), with_id(2, "leaver"))

    await press(broker, MortalJournal(), PLAIN)

    assert [each.message_id for each in broker.sent] == ["leaver:r1"]
    assert broker.dead == {}


def replayed(run: int, replay_id: str) -> Act:
    """On record of `a_letter`'s event: a replay of one of its messages."""
    dead = understanding.understand(a_letter(), events.UserOffboarded.TYPE)
    return Act(
        event_id=dead.record_id,
        kind=ActKind.REPLAY,
        act_id=replay_id,
        run=run,
        operator="Ada",
        reason="asked",
        at=dead.letter.message.first_enqueued_at,
    )


@pytest.mark.parametrize("wish", [PLAIN, OVERRIDDEN], ids=["as it is", "with an override"])
async def test_a_run_in_which_another_message_of_the_event_was_replayed_is_left_to_that(wish: Wish) -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    for run in (1, 2):
        await journal.note(replayed(run, f"m-9:r{run}"))

    (result,) = await press(broker, journal, wish)

    assert (result.what, result.replay, result.replay_id) == (What.REPLAYED, 3, "m-1:r3")
    assert {act.run for act in journal.acts if act.kind is ActKind.OVERRIDE} == ({3} if wish.override else set())


async def test_a_replay_of_its_own_is_finished_in_its_run_though_another_message_was_replayed_in_it_too() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    with pytest.raises(Killed):
        await press(broker, journal, OVERRIDDEN, Steps(die_at=4, after=True))
    broker.expire_locks()
    await journal.note(replayed(1, "m-9:r1"))

    (result,) = await press(broker, journal, OVERRIDDEN)

    assert (result.what, result.replay) == (What.REPLAYED, 1)
    assert {each.message_id for each in broker.sent} == {"m-1:r1"}
    assert broker.dead == {}


def ended(run: int, seconds: int) -> Conclusion:
    """The end of a run of `a_letter`'s event, so long after its message came."""
    dead = understanding.understand(a_letter(), events.UserOffboarded.TYPE)
    return Conclusion(
        event_id=dead.record_id,
        run=run,
        dry_run=False,
        fingerprint="of the event",
        settlement=Complete(),
        document="{}",
        at=dead.letter.message.first_enqueued_at + timedelta(seconds=seconds),
    )


@pytest.mark.parametrize("seconds", [-1, 1], ids=["before it came", "after it came"])
async def test_a_run_that_ended_without_the_command_is_taken(seconds: int) -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    await journal.conclude(ended(1, seconds))

    (result,) = await press(broker, journal, PLAIN)

    assert (result.what, result.replay) == (What.REPLAYED, 2)


async def test_a_run_that_has_begun_without_the_command_is_taken() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    await journal.append(builders.entry(Step.INTENT, event_id=ended(1, 0).event_id, run=1))

    (result,) = await press(broker, journal, PLAIN)

    assert result.replay == 2


@pytest.mark.parametrize(("seconds", "run"), [(-1, 2), (1, 1)], ids=["sent again after that", "not finished"])
async def test_the_same_message_is_replayed_anew_if_it_came_after_its_replay_had_ended(seconds: int, run: int) -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    with pytest.raises(Killed):
        await press(broker, journal, PLAIN, Steps(die_at=3, after=True))
    broker.expire_locks()
    await journal.conclude(ended(1, seconds))

    (result,) = await press(broker, journal, PLAIN)

    assert (result.what, result.replay) == (What.REPLAYED, run)


async def test_a_replay_begun_in_a_later_run_is_not_sent_beside_another_with_a_corrected_body() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    await journal.note(replayed(1, "m-9:r1"))
    with pytest.raises(Killed):
        await press(broker, journal, PLAIN, Steps(die_at=4))
    broker.expire_locks()
    corrected = builders.as_bytes(builders.offboarded_body(eventId="E-3"))

    (result,) = await press(broker, journal, replace(PLAIN, body=corrected, other=True))

    assert result.what is What.REFUSED
    assert [each.message_id for each in broker.sent] in ([], ["m-1:r2"])
    assert len(broker.dead) == 1


async def test_where_every_replay_is_taken_that_is_said_and_nothing_is_sent() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    for run in range(1, 101):
        await journal.note(replayed(run, f"m-9:r{run}"))

    (result,) = await press(broker, journal, PLAIN)

    assert (result.what, broker.sent) == (What.REFUSED, [])
    assert "every replay up to m-1:r100 is taken" in str(result.detail)


async def test_other_acts_about_the_event_take_no_run() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    await journal.note(replace(replayed(1, "o-1"), kind=ActKind.OVERRIDE))

    (result,) = await press(broker, journal, PLAIN)

    assert result.replay == 1


@pytest.mark.parametrize(
    "other", [OVERRIDDEN, replace(PLAIN, body=builders.as_bytes(builders.offboarded_body(ticket="T")))]
)
async def test_a_replay_begun_with_something_else_is_neither_doubled_nor_dropped(other: Wish) -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    with pytest.raises(Killed):
        await press(broker, journal, PLAIN, Steps(die_at=4))
    broker.expire_locks()

    (result,) = await press(broker, journal, other)

    assert result.what is What.REFUSED
    assert "begun at 2026-11-22T09:30:00Z by Grace with another body" in str(result.detail)
    assert len(broker.sent) == len(broker.dead) == 1


async def test_a_corrected_body_is_on_record_of_the_event_that_it_is() -> None:
    malformed = a_letter(1, builders.message(b"{nonsense", message_id="m-1"), reason="InvalidMessage")
    broker, journal = Broker(malformed), MortalJournal()
    corrected = builders.as_bytes(builders.offboarded_body(eventId="HR-7"))

    await press(broker, journal, replace(PLAIN, body=corrected, other=True))

    assert broker.sent[0].body == corrected
    ids = {act.event_id for act in journal.acts}
    assert {"user.offboarded:m-1", "user.offboarded:HR-7"} <= ids


async def test_what_failed_to_be_sent_stays_and_says_how_to_finish_it() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    queue = FakeDeadLetterQueue(broker)
    queue.refuses.append(DeadLettersUnreachable("queue q: a replay could not be sent: TimeoutError"))
    (letter,) = await queue.receive()

    result = await Replaying(queue, journal, FakeClock(), PLAIN).replay(
        understanding.understand(letter, events.UserOffboarded.TYPE)
    )

    assert (result.what, result.replay_id) == (What.FAILED, "m-1:r1")
    assert "a replay could not be sent: TimeoutError: replay it again to finish it" in str(result.detail)
    assert list(broker.dead) == [1]


async def test_a_lock_lost_after_sending_is_told_and_finished_by_doing_it_again() -> None:
    broker, journal = Broker(a_letter()), MortalJournal()
    queue = FakeDeadLetterQueue(broker)
    (letter,) = await queue.receive()
    broker.expire_locks()

    result = await Replaying(queue, journal, FakeClock(), PLAIN).replay(
        understanding.understand(letter, events.UserOffboarded.TYPE)
    )
    (again,) = await press(broker, journal, PLAIN)

    assert (result.what, again.what) == (What.FAILED, What.REPLAYED)
    assert len(broker.sent) == 1
