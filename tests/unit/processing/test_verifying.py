"""The looks at what a run did: verified, looked at again, or not confirmed after the last one."""

from datetime import timedelta
from typing import Any

import pytest

from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders, fakes
from tests.builders import SUCCESSOR
from tests.scene import VERIFY_AFTER, Scene

VERIFIED, UNVERIFIED = "autopilot.unassignment.verified", "autopilot.unassignment.unverified"
COMPLETED = "autopilot.unassignment.completed"


def types(scene: Scene) -> list[str]:
    return [str(each.application_properties["type"]) for each in scene.publisher.published]


def ids(scene: Scene) -> list[str]:
    return [each.event_id for each in scene.publisher.published]


async def test_a_run_is_looked_at_once_after_a_while_and_verified() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    (look,) = scene.settler.verifications

    assert look.enqueue_at == fakes.NOW + VERIFY_AFTER
    assert look.message_id == "user.offboarded:message-1:0:verify:1"
    await scene.look_again()

    assert types(scene) == [COMPLETED, VERIFIED]
    assert ids(scene)[1] == "message-1:0:autopilot.unassignment.verified"
    assert scene.outcomes() == {"d1": "verified"}
    assert scene.posted == ["d1"]
    assert scene.settlements == [Complete(), Complete()]
    assert len(scene.settler.verifications) == 1


async def test_rule_5_a_graph_whose_204_changes_nothing_is_never_reported_as_verified() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()

    await scene.look_until_the_end()

    waits = [look.enqueue_at - fakes.NOW for look in scene.settler.verifications]
    assert waits == [timedelta(minutes=minutes) for minutes in (10, 30, 70, 150)]
    assert types(scene) == [COMPLETED, UNVERIFIED]
    assert scene.outcomes() == {"d1": "unverified"}
    assert scene.reports[-1]["outcome"] == "unverified"
    assert scene.reports[-1]["deadLetterReason"] == "UnassignmentNotConfirmed"
    end = scene.settlements[-1]
    assert isinstance(end, DeadLetter)
    assert end.reason is Reason.UNASSIGNMENT_NOT_CONFIRMED
    assert len(scene.posted) == 4, "each look but the last unassigns again"


async def test_a_graph_that_clears_five_minutes_after_its_204_is_posted_to_once() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    scene.clock.advance(minutes=5)
    scene.graph.clear("d1")

    await scene.look_until_the_end()

    assert types(scene) == [COMPLETED, VERIFIED]
    assert scene.posted == ["d1"]


async def test_a_device_that_the_first_scan_missed_is_found_by_the_second_and_verified_by_the_third_look() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.listed = [builders.device("d1")]
    await scene.offboard()
    scene.graph.listed = None

    await scene.look_until_the_end()

    assert scene.posted == ["d1", "d2"]
    assert types(scene) == [COMPLETED, VERIFIED]
    assert scene.outcomes() == {"d1": "verified", "d2": "verified"}
    assert len(scene.settler.verifications) == 2


async def test_nothing_found_is_verified_by_a_second_scan() -> None:
    scene = Scene()
    await scene.offboard()

    await scene.look_again()

    assert [report["outcome"] for report in scene.reports] == ["noDevices", "noDevices"]
    assert types(scene) == [COMPLETED, VERIFIED]
    assert scene.script.trail.count("graph.directory") == 2


async def test_the_list_is_searched_once_more_and_not_by_every_look() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()

    await scene.look_until_the_end()

    assert scene.script.trail.count("graph.directory") == 2


async def test_a_device_given_to_somebody_new_meanwhile_is_left_alone() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.graph.put(builders.device(user=SUCCESSOR))

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    assert types(scene) == [COMPLETED, VERIFIED]
    assert scene.reports[-1]["devices"][0]["detail"] == "reassignedSince"


async def test_what_became_of_every_device_is_told_not_only_of_those_that_were_changed() -> None:
    stale = [builders.device("d1"), builders.device("d2"), builders.device("d3")]
    scene = Scene(builders.device("d1"), builders.device("d2", SUCCESSOR))
    scene.graph.listed = stale
    await scene.offboard()
    scene.graph.listed = None

    await scene.look_until_the_end()

    assert scene.outcomes() == {"d1": "verified", "d2": "assignedToSomeoneElse"}
    assert scene.posted == ["d1"]


async def test_a_retired_device_is_verified_by_its_id_though_its_key_leads_elsewhere_by_now() -> None:
    scene = Scene(builders.device("d1"))
    await scene.retire(body={"device": {"serialNumber": f"{builders.SERIAL_NUMBER}-d1"}})
    scene.graph.put(builders.device("d9", SUCCESSOR, serial_number=f"{builders.SERIAL_NUMBER}-d1"))

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "verified"}


async def test_a_dry_run_is_not_verified() -> None:
    scene = Scene(builders.device(), dry_run=True)

    await scene.offboard()

    assert scene.settler.verifications == []


async def test_the_service_gone_dry_looks_and_changes_nothing() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    scene.go_dry()

    await scene.look_until_the_end()

    assert scene.posted == ["d1"]
    assert types(scene) == [COMPLETED, UNVERIFIED]


async def test_a_dead_letter_that_may_have_changed_something_is_verified_where_it_did() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.before("graph.unassign", lambda: None)
    scene.script.before(
        "graph.unassign", lambda: scene.script.fail("graph.unassign", errors.GraphPermissionDenied("403"))
    )
    await scene.offboard()
    assert scene.reports[-1]["deadLetterReason"] == "GraphPermissionDenied"

    await scene.look_until_the_end()

    assert types(scene) == ["autopilot.unassignment.failed", VERIFIED]
    assert scene.outcomes() == {"d1": "verified"}
    assert scene.posted == ["d1"]


async def test_a_dead_letter_that_changed_nothing_is_not_verified() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphPermissionDenied("403"))

    await scene.offboard()

    assert scene.settler.verifications == []


async def test_rule_1_a_run_does_not_end_before_its_look_is_durable() -> None:
    scene = Scene(builders.device())
    scene.script.fail("schedule.verification", errors.VerificationNotScheduled("out of reach"))

    await scene.offboard()
    assert scene.publisher.published == []
    await scene.deliver_the_copy()

    assert types(scene) == [COMPLETED]
    assert len(scene.settler.verifications) == 1
    assert scene.posted == ["d1"]


async def test_a_look_that_comes_before_its_run_has_ended_waits() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()

    await scene.look_again()
    assert scene.publisher.published == []
    assert scene.settler.scheduled[-1].original.queue == builders.VERIFICATION
    await scene.deliver(scene.settler.scheduled[0])
    await scene.deliver_the_copy()

    assert types(scene) == [COMPLETED, VERIFIED]


async def test_a_look_whose_run_never_ends_gives_up_waiting_and_verifies_what_was_changed() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("out of reach"))
    await scene.offboard()
    await scene.look_again()

    while not scene.publisher.published:
        await scene.deliver_the_copy()

    assert types(scene) == [VERIFIED]
    waited = scene.clock.now() - fakes.NOW - VERIFY_AFTER
    assert timedelta(hours=24) <= waited <= timedelta(hours=24) + 2 * VERIFY_AFTER


async def test_a_look_delivered_twice_is_answered_from_the_record() -> None:
    scene = Scene(builders.device())
    await scene.offboard()

    await scene.look_again()
    await scene.look_again()

    assert ids(scene)[1] == ids(scene)[2]
    assert scene.script.trail.count("graph.get") == 2


async def test_a_look_that_fails_is_tried_again_as_the_same_look() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.script.fail("graph.get", errors.GraphUnavailable("503"))

    await scene.look_again()
    await scene.deliver_the_copy()

    assert types(scene) == [COMPLETED, VERIFIED]
    assert scene.reports[-1]["attempt"] == 1
    assert scene.settler.scheduled[-1].message_id == "user.offboarded:message-1:0:verify:1:1"


async def test_a_look_that_is_refused_is_unverified_and_dead_lettered_with_that_reason() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    scene.script.fail("graph.get", errors.GraphPermissionDenied("403"))

    await scene.look_again()

    assert types(scene) == [COMPLETED, UNVERIFIED]
    assert scene.reports[-1]["deadLetterReason"] == "GraphPermissionDenied"
    assert scene.reports[-1]["outcome"] == "failed"


async def test_a_replayed_look_begins_again_and_has_an_outcome_of_its_own() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    await scene.look_until_the_end()
    last = scene.settler.verifications[-1]
    scene.graph.lagging = False

    properties = {**last.application_properties, "verify": 1, "replay": 1}
    await scene.deliver(last, message_id=f"{last.message_id}:r1", application_properties=properties)
    await scene.look_until_the_end()

    assert types(scene) == [COMPLETED, UNVERIFIED, VERIFIED]
    assert ids(scene)[-1] == "message-1:0:autopilot.unassignment.verified:r1"
    assert scene.settler.verifications[-1].message_id == "user.offboarded:message-1:0:verify:2:r1"


@pytest.mark.parametrize(
    "wrong",
    [
        {"eventType": "user.hired"},
        {"eventType": None},
        {"verify": 0},
        {"verify": "1"},
        {"verify": True},
        {"eventRun": -1},
        {"eventRun": None},
        {"eventId": ""},
        {"eventId": 7},
    ],
    ids=str,
)
async def test_a_message_that_is_none_of_ours_is_refused_and_touches_nothing(wrong: dict[str, Any]) -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    (look,) = scene.settler.verifications
    given = {name: value for name, value in {**look.application_properties, **wrong}.items() if value is not None}

    await scene.deliver(look, application_properties=given)

    assert scene.reports[-1]["deadLetterReason"] == "InvalidMessage"
    assert types(scene)[-1] == UNVERIFIED
    assert scene.script.trail.count("graph.get") == 1


async def test_the_same_event_id_in_two_queues_is_verified_twice() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2", SUCCESSOR))

    await scene.offboard()
    await scene.retire(body={"device": {"autopilotDeviceId": "d2"}})

    assert len({look.message_id for look in scene.settler.verifications}) == 2


async def test_an_event_whose_id_is_any_text_is_verified_under_the_same_id() -> None:
    scene = Scene(builders.device())

    await scene.offboard(message_id="tab\t and \N{ROCKET}")
    await scene.look_again()

    assert {report["eventId"] for report in scene.reports} == {"tab\t and \N{ROCKET}"}
    assert types(scene) == [COMPLETED, VERIFIED]


async def test_the_verified_event_tells_when_the_event_itself_arrived() -> None:
    scene = Scene(builders.device())
    await scene.offboard()

    await scene.look_again()

    first, second = scene.reports
    assert second["receivedAt"] == first["receivedAt"]
    assert second["handledAt"] > first["handledAt"]
