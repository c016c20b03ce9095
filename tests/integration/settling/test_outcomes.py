"""Outcome events on the topic."""

import asyncio

import pytest

from emulators.servicebus.faults import Fault, out_of_reach
from emulators.servicebus.server import ServiceBusEmulator
from shared.domain.errors import OutcomeNotPublished, TransientError
from shared.servicebus.connection import Connection
from shared.servicebus.outcomes import ServiceBusOutcomes
from tests.integration.settling.conftest import TOPIC
from tests.integration.settling.samples import a_publication

SUBSCRIPTION = f"{TOPIC}/Subscriptions/all"


async def test_an_outcome_is_a_structured_cloud_event_that_can_be_filtered_unread(
    outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator
) -> None:
    await outcomes.publish(a_publication())

    (view,) = emulator.snapshot(SUBSCRIPTION).active
    assert view.body.decode() == a_publication().document
    assert view.properties == {
        "message-id": "hr-4711:0:autopilot.unassignment.completed",
        "content-type": "application/cloudevents+json; charset=utf-8",
        "subject": "autopilot.unassignment.completed",
    }
    assert view.application_properties == a_publication().application_properties


async def test_an_outcome_published_twice_arrives_once(
    outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator
) -> None:
    await outcomes.publish(a_publication())
    await outcomes.publish(a_publication())

    assert len(emulator.snapshot(SUBSCRIPTION).active) == 1


async def test_a_live_run_is_not_taken_for_a_repeat_of_its_dry_run(
    outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator
) -> None:
    await outcomes.publish(a_publication(dry_run=True))
    await outcomes.publish(a_publication(dry_run=False))

    ids = [view.message_id for view in emulator.snapshot(SUBSCRIPTION).active]
    assert ids == [
        "/dry-run:hr-4711:0:autopilot.unassignment.completed",
        "hr-4711:0:autopilot.unassignment.completed",
    ]


async def test_event_ids_too_long_for_a_message_id_stay_apart(
    outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator
) -> None:
    for end in ("a", "b"):
        await outcomes.publish(a_publication("x" * 300 + end, dry_run=False))
        await outcomes.publish(a_publication("x" * 300 + end, dry_run=True))

    ids = {str(view.message_id) for view in emulator.snapshot(SUBSCRIPTION).active}
    assert len(ids) == 4
    assert max(map(len, ids)) <= 128


async def test_fifty_outcomes_at_once_all_arrive(outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator) -> None:
    await asyncio.gather(*(outcomes.publish(a_publication(f"e{n}")) for n in range(50)))

    assert len(emulator.snapshot(SUBSCRIPTION).active) == 50


async def test_a_topic_out_of_reach_is_a_transient_error_and_used_again_once_back(
    outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator
) -> None:
    outage = emulator.faults.add(out_of_reach(TOPIC))

    with pytest.raises(OutcomeNotPublished, match=r"^topic outcomes: publishing failed: \w+$") as caught:
        await outcomes.publish(a_publication())
    emulator.faults.lift(outage)
    await outcomes.publish(a_publication())

    assert isinstance(caught.value, TransientError)
    assert len(emulator.snapshot(SUBSCRIPTION).active) == 1


async def test_one_refusal_is_not_even_noticed(outcomes: ServiceBusOutcomes, emulator: ServiceBusEmulator) -> None:
    await outcomes.publish(a_publication("e1"))
    emulator.faults.add(Fault(entity=TOPIC))

    await outcomes.publish(a_publication("e2"))

    assert len(emulator.snapshot(SUBSCRIPTION).active) == 2


async def test_an_unknown_topic_is_reported_with_its_name(connection: Connection) -> None:
    outcomes = ServiceBusOutcomes(connection, "misspelt")

    with pytest.raises(OutcomeNotPublished, match=r"^topic misspelt: publishing failed: \w+$"):
        await outcomes.publish(a_publication())
