"""The looks at what a run did: verified, looked at again, or not confirmed after the last one."""

from datetime import timedelta

from shared.domain import errors
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders, fakes
from tests.builders import SUCCESSOR
from tests.scene import VERIFY_AFTER, Scene

VERIFIED, UNVERIFIED = "autopilot.unassignment.verified", "autopilot.unassignment.unverified"
COMPLETED = "autopilot.unassignment.completed"


async def test_a_run_is_looked_at_once_after_a_while_and_verified() -> None:
    scene = Scene(builders.device())
    await scene.offboard()
    (look,) = scene.settler.verifications

    assert look.enqueue_at == fakes.NOW + VERIFY_AFTER
    assert look.message_id == "user.offboarded:message-1:0:verify:1"
    await scene.look_again()

    assert scene.types() == [COMPLETED, VERIFIED]
    assert scene.ids()[1] == "message-1:0:autopilot.unassignment.verified"
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
    assert scene.types() == [COMPLETED, UNVERIFIED]
    assert scene.outcomes() == {"d1": "unverified"}
    assert scene.reports[-1]["outcome"] == "unverified"
    assert scene.reports[-1]["deadLetterReason"] == "UnassignmentNotConfirmed"
    end = scene.settlements[-1]
    assert isinstance(end, DeadLetter)
    assert end.reason is Reason.UNASSIGNMENT_NOT_CONFIRMED
    assert end.description == "1 of 1 devices are not confirmed after 4 looks"
    assert len(scene.posted) == 4, "each look but the last unassigns again"


async def test_a_graph_that_clears_five_minutes_after_its_204_is_posted_to_once() -> None:
    scene = Scene(builders.device())
    scene.graph.lagging = True
    await scene.offboard()
    scene.clock.advance(minutes=5)
    scene.graph.clear("d1")

    await scene.look_until_the_end()

    assert scene.types() == [COMPLETED, VERIFIED]
    assert scene.posted == ["d1"]


async def test_a_device_that_the_first_scan_missed_is_found_by_the_second_and_verified_by_the_third_look() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.graph.listed = [builders.device("d1")]
    await scene.offboard()
    scene.graph.listed = None

    await scene.look_until_the_end()

    assert scene.posted == ["d1", "d2"]
    assert scene.types() == [COMPLETED, VERIFIED]
    assert scene.outcomes() == {"d1": "verified", "d2": "verified"}
    assert len(scene.settler.verifications) == 2


async def test_nothing_found_is_verified_by_a_second_scan() -> None:
    scene = Scene()
    await scene.offboard()

    await scene.look_again()

    assert [report["outcome"] for report in scene.reports] == ["noDevices", "noDevices"]
    assert scene.types() == [COMPLETED, VERIFIED]
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
    assert scene.types() == [COMPLETED, VERIFIED]
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
    assert scene.types() == [COMPLETED, UNVERIFIED]


async def test_a_dead_letter_that_may_have_changed_something_is_verified_where_it_did() -> None:
    scene = Scene(builders.device("d1"), builders.device("d2"))
    scene.script.before("graph.unassign", lambda: None)
    scene.script.before(
        "graph.unassign", lambda: scene.script.fail("graph.unassign", errors.GraphPermissionDenied("403"))
    )
    await scene.offboard()
    assert scene.reports[-1]["deadLetterReason"] == "GraphPermissionDenied"

    await scene.look_until_the_end()

    assert scene.types() == ["autopilot.unassignment.failed", VERIFIED]
    assert scene.outcomes() == {"d1": "verified"}
    assert scene.posted == ["d1"]


async def test_a_dead_letter_that_changed_nothing_is_not_verified() -> None:
    scene = Scene(builders.device())
    scene.script.fail("graph.unassign", errors.GraphPermissionDenied("403"))

    await scene.offboard()

    assert scene.settler.verifications == []
