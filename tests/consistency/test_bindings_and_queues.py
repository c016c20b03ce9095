import json
from datetime import timedelta
from pathlib import Path

import pytest

from cli import parts
from devhost import bindings
from devhost.worker import Worker
from emulators.servicebus import config
from shared.settings.fields import TABLE

ROOT = Path(__file__).parents[2]
HOST = json.loads((ROOT / "host.json").read_text(encoding="utf-8"))
NAMESPACE = config.load(ROOT / "infra" / "servicebus.json")
QUEUES = {queue.name: queue for queue in NAMESPACE.queues}
ENVIRONMENT = {
    "ServiceBusConnection": "Endpoint=sb://127.0.0.1:1;SharedAccessKeyName=n;SharedAccessKey=a2V5;UseDevelopmentEmulator=true;",
    "USER_OFFBOARDING_QUEUE": parts.USER_OFFBOARDING,
    "DEVICE_RETIREMENT_QUEUE": parts.DEVICE_RETIREMENT,
    "VERIFICATION_QUEUE": parts.VERIFICATION,
    "OUTCOMES_TOPIC": parts.OUTCOMES,
}


async def triggers(monkeypatch: pytest.MonkeyPatch) -> dict[str, bindings.QueueTrigger]:
    for name, value in ENVIRONMENT.items():  # the app reads its environment when it is imported, as in Azure
        monkeypatch.setenv(name, value)
    worker = await Worker.load(ROOT)
    try:
        found, problems = bindings.queue_triggers(worker.functions, ENVIRONMENT)
    finally:
        await worker.unload()
    assert not problems
    return {trigger.function.name: trigger for trigger in found}


async def test_each_function_takes_from_a_queue_that_is_declared(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await triggers(monkeypatch)

    assert {name: trigger.queue for name, trigger in found.items()} == {
        "user_offboarding": "user-offboarding",
        "device_retirement": "device-retirement",
        "verification": "unassignment-verification",
    }
    assert {trigger.queue for trigger in found.values()} <= set(QUEUES)


async def test_no_function_lets_the_host_settle_its_messages(monkeypatch: pytest.MonkeyPatch) -> None:
    found = await triggers(monkeypatch)

    assert [trigger.auto_complete for trigger in found.values()] == [False, False, False]


def test_the_queues_delivery_count_is_the_settings_default() -> None:
    default = TABLE["max_delivery_count"].default

    assert {str(queue.rules.max_delivery_count) for queue in NAMESPACE.queues} == {default}


def test_the_window_of_duplicate_detection_is_well_above_the_lock() -> None:
    for queue in NAMESPACE.queues:
        assert queue.duplicate_window is not None
        assert queue.duplicate_window >= 4 * queue.rules.lock_duration


def test_nothing_is_prefetched_and_batches_can_fill() -> None:
    options = HOST["extensions"]["serviceBus"]

    assert options["prefetchCount"] == 0
    assert options["maxConcurrentCalls"] >= 32
    assert options["autoCompleteMessages"] is False


def test_locks_are_renewed_for_as_long_as_a_lock_lasts() -> None:
    options = HOST["extensions"]["serviceBus"]
    hours, minutes, seconds = map(int, options["maxAutoLockRenewalDuration"].split(":"))

    assert timedelta(hours=hours, minutes=minutes, seconds=seconds) >= QUEUES["user-offboarding"].rules.lock_duration


def test_telemetry_goes_by_opentelemetry() -> None:
    assert HOST["telemetryMode"] == "OpenTelemetry"


def test_the_topic_of_outcomes_is_declared_and_somebody_subscribes() -> None:
    topic = next(topic for topic in NAMESPACE.topics if topic.name == parts.OUTCOMES)

    assert parts.OUTCOMES_SUBSCRIPTION in [subscription.name for subscription in topic.subscriptions]


def test_outcomes_that_nobody_reads_do_not_pile_up_for_ever() -> None:
    subscriptions = [subscription for topic in NAMESPACE.topics for subscription in topic.subscriptions]

    assert subscriptions
    assert all(each.rules.time_to_live and not each.rules.dead_letter_on_expiration for each in subscriptions)
