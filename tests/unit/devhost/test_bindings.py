import json
from typing import Any

import pytest

from devhost import bindings
from devhost.worker import Function

QUEUE_TRIGGER: dict[str, Any] = {
    "direction": "IN",
    "type": "serviceBusTrigger",
    "name": "message",
    "connection": "ServiceBusConnection",
    "queueName": "%ORDERS%",
}


def function(*raw: dict[str, Any], name: str = "one") -> Function:
    return Function(name=name, function_id="id", raw_bindings=tuple(json.dumps(binding) for binding in raw))


def test_a_queue_name_in_percent_signs_comes_from_the_settings() -> None:
    triggers, problems = bindings.queue_triggers([function(QUEUE_TRIGGER)], {"ORDERS": "orders"})

    assert problems == []
    assert [(t.queue, t.connection, t.parameter) for t in triggers] == [("orders", "ServiceBusConnection", "message")]


def test_a_plain_queue_name_is_taken_as_it_is() -> None:
    triggers, problems = bindings.queue_triggers([function(QUEUE_TRIGGER | {"queueName": "orders"})], {})

    assert (triggers[0].queue, problems) == ("orders", [])


@pytest.mark.parametrize("stated", [True, False, None])
def test_auto_complete_is_what_the_app_says_or_left_to_host_json(stated: bool | None) -> None:
    extra = {} if stated is None else {"autoCompleteMessages": stated}

    triggers, _ = bindings.queue_triggers([function(QUEUE_TRIGGER | extra)], {"ORDERS": "orders"})

    assert triggers[0].auto_complete is stated


def test_the_body_is_text_unless_the_app_asks_for_bytes() -> None:
    functions = [function(QUEUE_TRIGGER), function(QUEUE_TRIGGER | {"dataType": "BINARY"})]

    triggers, _ = bindings.queue_triggers(functions, {"ORDERS": "orders"})

    assert [trigger.binary for trigger in triggers] == [False, True]


def test_every_setting_that_is_missing_is_reported_at_once() -> None:
    functions = [function(QUEUE_TRIGGER), function(QUEUE_TRIGGER | {"queueName": "%RETURNS%"}, name="two")]

    _, problems = bindings.queue_triggers(functions, {"RETURNS": ""})

    assert problems == [
        "function one: setting ORDERS is missing (its trigger says %ORDERS%)",
        "function two: setting RETURNS is missing (its trigger says %RETURNS%)",
    ]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        pytest.param([{"type": "blobTrigger", "name": "t"}], "blobTrigger", id="another trigger"),
        pytest.param([QUEUE_TRIGGER, {"type": "serviceBus", "name": "out"}], "serviceBus", id="an output"),
        pytest.param([], "none", id="no binding"),
        pytest.param([QUEUE_TRIGGER | {"queueName": None, "topicName": "t"}], "topics", id="a topic"),
        pytest.param([QUEUE_TRIGGER | {"connection": ""}], "connection", id="no connection"),
        pytest.param([QUEUE_TRIGGER | {"cardinality": "MANY"}], "cardinality", id="batches"),
        pytest.param([QUEUE_TRIGGER | {"isSessionsEnabled": True}], "sessions", id="sessions"),
    ],
)
def test_what_this_host_does_not_do_is_refused_by_name(raw: list[dict[str, Any]], says: str) -> None:
    triggers, problems = bindings.queue_triggers([function(*raw)], {"ORDERS": "orders"})

    assert triggers == ()
    assert len(problems) == 1
    assert problems[0].startswith("function one: ")
    assert says in problems[0]


def test_a_refused_function_hides_no_other_functions_problem() -> None:
    functions = [function({"type": "blobTrigger"}), function(QUEUE_TRIGGER, name="two")]

    _, problems = bindings.queue_triggers(functions, {})

    assert len(problems) == 2


def test_a_timers_function_is_told_from_the_queues_ones() -> None:
    timed = function({"direction": "IN", "type": "timerTrigger", "name": "timer", "schedule": "0 */5 * * * *"})
    functions = [function(QUEUE_TRIGGER), timed]

    triggers, problems = bindings.queue_triggers(functions, {"ORDERS": "orders"})

    assert ([trigger.queue for trigger in triggers], problems) == (["orders"], [])
    assert [(timer.function, timer.parameter) for timer in bindings.timers(functions)] == [(timed, "timer")]
