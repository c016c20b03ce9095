import dataclasses
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from emulators.servicebus import config, filters

_SHIPPED = Path(__file__).parents[3] / "infra" / "servicebus.json"


def parse_queue(**properties: Any) -> config.Queue:
    return config.parse_namespace({"Name": "n", "Queues": [{"Name": "q", "Properties": properties}]}).queues[0]


def test_the_shipped_namespace_has_the_entities_and_rules_of_the_design() -> None:
    namespace = config.load(_SHIPPED)

    rules = config.DeliveryRules(
        lock_duration=timedelta(minutes=5),
        max_delivery_count=10,
        time_to_live=timedelta(days=14),
        dead_letter_on_expiration=True,
    )
    assert [queue.name for queue in namespace.queues] == [
        "user-offboarding",
        "device-retirement",
        "unassignment-verification",
    ]
    assert {queue.rules for queue in namespace.queues} == {rules}
    assert {queue.duplicate_window for queue in namespace.queues} == {timedelta(hours=1)}
    (topic,) = namespace.topics
    assert (topic.name, topic.duplicate_window) == ("unassignment-outcomes", timedelta(hours=1))
    unread_ones_go = dataclasses.replace(rules, dead_letter_on_expiration=False)
    assert topic.subscriptions == (config.Subscription(name="all", rules=unread_ones_go),)


def test_another_lock_duration_changes_nothing_else() -> None:
    namespace = config.load(_SHIPPED)

    short = namespace.with_lock_duration(timedelta(seconds=2))

    locks = {queue.rules.lock_duration for queue in short.queues}
    locks |= {each.rules.lock_duration for topic in short.topics for each in topic.subscriptions}
    assert locks == {timedelta(seconds=2)}
    assert short.with_lock_duration(timedelta(minutes=5)) == namespace


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PT5M", timedelta(minutes=5)),
        ("P14D", timedelta(days=14)),
        ("P1DT2H3M4.5S", timedelta(days=1, hours=2, minutes=3, seconds=4.5)),
    ],
)
def test_durations_are_iso_8601(text: str, expected: timedelta) -> None:
    assert config.parse_duration(text) == expected


@pytest.mark.parametrize("text", ["", "P", "PT", "5M", "PT5", "P1M", "P1DT"])
def test_anything_else_is_no_duration(text: str) -> None:
    with pytest.raises(config.ConfigError):
        config.parse_duration(text)


def test_defaults_are_those_of_the_service() -> None:
    assert parse_queue() == config.Queue(name="q", rules=config.DeliveryRules(lock_duration=timedelta(minutes=1)))
    assert parse_queue(DefaultMessageTimeToLive="P10675199DT2H48M5.4775807S").rules.time_to_live is None
    assert parse_queue(RequiresDuplicateDetection=True).duplicate_window == timedelta(minutes=10)


@pytest.mark.parametrize(
    "properties",
    [
        {"RequiresSession": True},
        {"ForwardTo": "other"},
        {"ForwardDeadLetteredMessagesTo": "other"},
        {"LockDuratoin": "PT1M"},
    ],
)
def test_what_the_emulator_does_not_do_is_refused_not_left_out(properties: dict[str, Any]) -> None:
    with pytest.raises(config.ConfigError):
        parse_queue(**properties)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"UserConfig": {"Namespaces": []}}'])
def test_a_file_that_is_no_configuration_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "servicebus.json"
    path.write_text(text)

    with pytest.raises(config.ConfigError):
        config.load(path)


def test_rules_become_filters(tmp_path: Path) -> None:
    rules = [
        {"Name": "r1", "Properties": {"FilterType": "Sql", "SqlFilter": {"SqlExpression": "1 = 0"}}},
        {
            "Name": "r2",
            "Properties": {"FilterType": "Correlation", "CorrelationFilter": {"Label": "s", "Properties": {"a": "b"}}},
        },
    ]
    topics = [{"Name": "t", "Subscriptions": [{"Name": "s", "Rules": rules}]}]
    path = tmp_path / "servicebus.json"
    path.write_text(json.dumps({"UserConfig": {"Namespaces": [{"Name": "n", "Topics": topics}]}}))

    assert config.load(path).topics[0].subscriptions[0].filters == (
        filters.ConstantFilter(value=False),
        filters.CorrelationFilter(system={"subject": "s"}, application={"a": "b"}),
    )


@pytest.mark.parametrize(
    "properties",
    [
        {"FilterType": "Sql", "SqlFilter": {"SqlExpression": "sys.Label = 'x'"}},
        {"FilterType": "Correlation", "CorrelationFilter": {"Subject": "s"}},
        {"FilterType": "Magic"},
    ],
)
def test_a_rule_that_is_not_understood_is_refused(properties: dict[str, Any]) -> None:
    subscription = {"Name": "s", "Rules": [{"Name": "r1", "Properties": properties}]}

    with pytest.raises(config.ConfigError, match="r1"):
        config.parse_namespace({"Name": "n", "Topics": [{"Name": "t", "Subscriptions": [subscription]}]})
