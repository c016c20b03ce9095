from datetime import timedelta
from typing import Any

import pytest

from cli.dlq import choosing
from cli.dlq.choosing import Selection
from shared.messaging.dead_lettered import DeadLettered
from tests import builders, fakes
from tests.fakes_dead_letters import a_letter

NOW = fakes.NOW + timedelta(hours=10)


def old(hours: int, number: int = 1, **fields: Any) -> DeadLettered:
    arrived = NOW - timedelta(hours=hours)
    return a_letter(number, builders.message(message_id=f"m-{number}", enqueued_at=arrived), **fields)


@pytest.mark.parametrize(
    ("selection", "taken"),
    [
        pytest.param(Selection(), [1, 2, 3], id="nothing is said"),
        pytest.param(Selection(names=["2"]), [2], id="a number"),
        pytest.param(Selection(names=["m-3", "1"]), [1, 3], id="an id and a number"),
        pytest.param(Selection(reasons=["toomanydevices"]), [1, 3], id="a reason, case aside"),
        pytest.param(Selection(reasons=["StaleMessage", "TooManyDevices"]), [1, 2, 3], id="two reasons"),
        pytest.param(Selection(older_than=timedelta(hours=4)), [2, 3], id="older"),
        pytest.param(Selection(newer_than=timedelta(hours=6)), [1, 2], id="newer"),
        pytest.param(
            Selection(older_than=timedelta(hours=4), newer_than=timedelta(hours=6), names=["1", "2"]), [2], id="all"
        ),
    ],
)
def test_each_condition_narrows_the_choice(selection: Selection, taken: list[int]) -> None:
    letters = [old(1, 1), old(5, 2, reason="StaleMessage"), old(9, 3)]

    assert [each.sequence_number for each in letters if selection.takes(each, NOW)] == taken


def test_the_age_of_a_replay_is_that_of_its_first_message() -> None:
    first = (NOW - timedelta(days=30)).isoformat()
    replayed = builders.message(
        message_id="x:r1", enqueued_at=NOW, application_properties={"replay": 1, "firstEnqueuedAt": first}
    )

    assert choosing.age(a_letter(1, replayed), NOW) == timedelta(days=30)


def test_a_message_from_a_clock_ahead_of_ours_is_new_and_not_younger() -> None:
    assert choosing.age(old(-1), NOW) == timedelta(0)


def test_a_name_that_means_two_is_told() -> None:
    number_and_id = [old(1, 7), a_letter(2, builders.message(message_id="7"))]
    two_queues = [old(1, 7), a_letter(7, builders.message(message_id="m-8", queue="device-retirement"))]
    twice_the_same = [a_letter(1, builders.message(message_id="x")), a_letter(2, builders.message(message_id="x"))]

    assert choosing.ambiguous(number_and_id, ["7"]) == choosing.ambiguous(two_queues, ["7"]) == "7"
    assert choosing.ambiguous(twice_the_same, ["x"]) is None
    assert choosing.ambiguous(two_queues, ["m-7"]) is None


def test_a_copy_is_known_by_the_id_that_its_sender_gave() -> None:
    copy = builders.message(message_id="m-7:2", application_properties=builders.of_a_copy(originalMessageId="m-7"))

    assert all(choosing.is_named(a_letter(1, copy), name) for name in ("1", "m-7:2", "m-7"))
    assert not choosing.is_named(a_letter(1, copy), "m-7:1")


def test_a_name_that_means_none_is_told() -> None:
    assert choosing.missing([old(1, 7)], ["7", "m-9"]) == "m-9"
    assert choosing.missing([old(1, 7)], ["7", "m-7"]) is None
