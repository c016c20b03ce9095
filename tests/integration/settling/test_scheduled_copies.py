"""Copies: scheduled durably, under a new id, with everything that the original had."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from emulators.servicebus.server import ServiceBusEmulator
from shared.messaging import copies
from shared.messaging.copies import ScheduledCopy
from shared.messaging.settlement import Complete, DelayedRetry, PutOff, PutOffReason
from shared.ports import SettlementFailed
from shared.servicebus.settler import ServiceBusSettler
from tests.integration.settling.conftest import QUEUE, Host
from tests.integration.settling.samples import NOON, SOON


async def test_a_copy_has_the_body_and_every_section_of_the_original(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    original = replace(
        host.deliver(bytes(range(256)) * 4, ticket="CHG-1", priority=3),
        content_type="application/json",
        correlation_id="c-1",
        subject="user.offboarded",
        to="here",
        reply_to="there",
        partition_key="p-1",
    )

    await settler.schedule(copies.schedule(original, DelayedRetry(SOON), now=NOON))

    (copy,) = emulator.snapshot(QUEUE).scheduled
    assert copy.body == bytes(range(256)) * 4
    assert copy.message_id == f"{original.message_id}:1"
    assert copy.scheduled_for == NOON + SOON
    assert {**copy.properties, "message-id": None} == {
        "message-id": None,
        "content-type": "application/json",
        "correlation-id": "c-1",
        "subject": "user.offboarded",
        "to": "here",
        "reply-to": "there",
    }
    assert copy.application_properties == {
        "ticket": "CHG-1",
        "priority": 3,
        "copy": 1,
        "attempt": 2,
        "originalMessageId": original.message_id,
        "firstEnqueuedAt": "2026-11-03T12:00:00+00:00",
        "firstFailedAt": NOON.isoformat(),
    }


async def test_a_copy_of_a_bare_message_has_nothing_that_the_original_had_not(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    original = replace(host.deliver(b""), subject="", partition_key="")
    bare = ScheduledCopy(original=original, message_id="m:1", enqueue_at=NOON + SOON, application_properties={})

    await settler.schedule(bare)

    (copy,) = emulator.snapshot(QUEUE).scheduled
    assert (copy.body, copy.properties, copy.application_properties) == (b"", {"message-id": "m:1"}, {})


async def test_properties_that_amqp_cannot_carry_do_not_stop_a_copy(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    odd = {
        "yes": True,
        "half": 0.5,
        "text": "Zoë",
        "large": 2**31 - 1,
        "small": -(2**31),
        "larger": 2**31,
        "list": [1, "a"],
        "object": {"a": {"b": None}},
    }
    original = replace(host.deliver(), application_properties=odd)

    await settler.schedule(copies.schedule(original, DelayedRetry(SOON), now=NOON))

    (copy,) = emulator.snapshot(QUEUE).scheduled
    assert odd.keys() <= copy.application_properties.keys()
    assert copy.application_properties["large"] == 2**31 - 1


async def test_put_off_retried_and_put_off_again_every_copy_arrives_in_spite_of_duplicate_detection(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    put_off = PutOff(NOON + SOON, PutOffReason.NOT_YET_EFFECTIVE)

    for decision in (put_off, DelayedRetry(SOON), put_off):
        copy = copies.schedule(message, decision, now=NOON)
        await settler.schedule(copy)
        message = replace(message, message_id=copy.message_id, application_properties=dict(copy.application_properties))

    original = message.original_message_id
    ids = [view.message_id for view in emulator.snapshot(QUEUE).scheduled]
    assert ids == [f"{original}:1", f"{original}:2", f"{original}:3"]


async def test_a_copy_scheduled_twice_is_kept_once(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    copy = copies.schedule(host.deliver(), DelayedRetry(SOON), now=NOON)

    await settler.schedule(copy)
    await settler.schedule(copy)

    assert len(emulator.snapshot(QUEUE).scheduled) == 1


async def test_the_copy_is_durable_before_the_original_is_completed(
    settler: ServiceBusSettler, host: Host, emulator: ServiceBusEmulator
) -> None:
    message = host.deliver()
    copy = copies.schedule(message, DelayedRetry(SOON), now=NOON)

    await settler.schedule(copy)
    await settler.settle(message, Complete())

    happened = [(entry.operation.value, entry.message_id) for entry in emulator.trace][-2:]
    assert happened == [("schedule", copy.message_id), ("complete", message.message_id)]


async def test_a_copy_that_is_too_large_fails_without_quoting_it(settler: ServiceBusSettler, host: Host) -> None:
    original = replace(host.deliver(), body=b"secret" * 60_000)
    copy = copies.schedule(original, DelayedRetry(SOON), now=datetime.now(UTC))  # noqa: TID251 - as in samples

    with pytest.raises(SettlementFailed, match=r"^queue user-offboarding: scheduling a copy failed: \w+$"):
        await settler.schedule(copy)
