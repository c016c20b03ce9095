"""A retired device: found by one of four keys, and unassigned from whoever it was found with, nobody later."""

from dataclasses import replace
from typing import Any

import pytest

from shared.domain import errors
from shared.domain.events import Action
from shared.domain.guard import Guard
from shared.domain.identifiers import EntraDeviceId, ManagedDeviceId
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import Complete, DeadLetter
from tests import builders
from tests.scene import Scene

SUCCESSOR = builders.SUCCESSOR
ONE = builders.device("d1", entra_device_id=EntraDeviceId("e1"), managed_device_id=ManagedDeviceId("m1"))
BOTH = ["unassignUser", "unassignResourceAccount"]


def reason(scene: Scene) -> Reason:
    decision = scene.settlements[-1]
    assert isinstance(decision, DeadLetter)
    return decision.reason


KEYS = [
    {"autopilotDeviceId": "d1"},
    {"serialNumber": "pf3xk7q9-D1"},
    {"entraDeviceId": "E1"},
    {"managedDeviceId": "M1"},
]


@pytest.mark.parametrize("key", KEYS, ids=[next(iter(key)) for key in KEYS])
async def test_a_device_is_found_by_each_of_its_keys(key: dict[str, str]) -> None:
    scene = Scene(ONE, builders.device("d2"))

    await scene.retire(body={"device": key})

    assert scene.posted == ["d1"]
    assert scene.settlements == [Complete()]


UNKNOWN = [{"serialNumber": "PF3XK7Q9"}, {"entraDeviceId": "e"}, {"managedDeviceId": "m"}]


@pytest.mark.parametrize("key", UNKNOWN, ids=[next(iter(key)) for key in UNKNOWN])
async def test_rule_4_a_key_that_merely_begins_alike_finds_nothing(key: dict[str, str]) -> None:
    scene = Scene(ONE)

    await scene.retire(body={"device": key})

    assert scene.reports[0]["outcome"] == "noDevices"
    assert scene.posted == []


async def test_an_autopilot_id_that_graph_does_not_know_is_told_as_not_found() -> None:
    scene = Scene()

    await scene.retire()

    assert scene.outcomes() == {"d1": "notFound"}


TWINS = [{"serialNumber": "PF3XK7Q9-d1"}, {"entraDeviceId": "e1"}, {"managedDeviceId": "m1"}]


@pytest.mark.parametrize("key", TWINS, ids=[next(iter(key)) for key in TWINS])
async def test_rule_4_two_records_for_one_key_are_refused(key: dict[str, str]) -> None:
    twin = builders.device("d2", entra_device_id="e1", managed_device_id="m1", serial_number="PF3XK7Q9-d1")
    scene = Scene(ONE, twin)

    await scene.retire(body={"device": key})

    description = "2 Autopilot records have this key: give the Autopilot id"
    assert scene.settlements == [DeadLetter(Reason.AMBIGUOUS_DEVICE, description)]
    assert scene.posted == []


async def test_rule_4_a_placeholder_serial_number_is_refused_before_anything_is_asked() -> None:
    scene = Scene(builders.device("d1", serial_number="To be filled by O.E.M."))

    await scene.retire(body={"device": {"serialNumber": "To Be Filled By O.E.M."}})

    description = "many machines share this serial number: give the Autopilot id"
    assert scene.settlements == [DeadLetter(Reason.PLACEHOLDER_SERIAL_NUMBER, description)]
    assert not any(call.startswith("graph") for call in scene.script.trail)


async def test_rule_3_delivered_again_after_the_device_got_a_new_user_the_new_one_is_left_alone() -> None:
    scene = Scene(builders.device())
    scene.script.fail("journal.conclude", errors.JournalUnavailable("locked"))

    await scene.retire()
    scene.graph.put(builders.device("d1", SUCCESSOR))
    scene.clock.advance(hours=1)
    await scene.deliver_the_copy()

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "unassigned"}
    assert scene.reports[0]["devices"][0]["detail"] == "reassignedSince"
    assert scene.reports[0]["devices"][0]["before"]["userPrincipalName"] == builders.LEAVER


@pytest.mark.parametrize("seen", [None, builders.LEAVER], ids=["clear", "somebody else than the event names"])
async def test_rule_3_the_first_decision_binds_even_where_nothing_was_done(seen: str | None) -> None:
    scene = Scene(builders.device("d1", seen), allow_resource_account=True)
    body = builders.retired_body(actions=BOTH)
    if seen is not None:
        body["assignedUserPrincipalName"] = "third@contoso.com"
    scene.script.fail("journal.conclude", errors.JournalUnavailable("locked"))

    await scene.retire(body=body)
    scene.graph.put(builders.device("d1", SUCCESSOR, resource_name="Room 1"))
    await scene.deliver_the_copy()

    assert scene.posted == []
    assert [each["outcome"] for each in scene.reports[-1]["devices"]] == ["assignedToSomeoneElse"] * 2


async def test_rule_3_a_user_found_under_protection_binds_a_replay() -> None:
    scene = Scene(builders.device(), guard=Guard(max_devices_per_user=9, protected_users=[builders.LEAVER]))
    await scene.retire()
    assert reason(scene) is Reason.PROTECTED_USER

    scene.rules = replace(scene.rules, guard=Guard(max_devices_per_user=9))
    scene.processor = scene.another_process()
    scene.graph.put(builders.device("d1", SUCCESSOR))
    await scene.retire(message_id="message-1:r1", application_properties={"replay": 1})

    assert scene.posted == []
    assert scene.outcomes() == {"d1": "assignedToSomeoneElse"}


@pytest.mark.parametrize(("named", "posts"), [(builders.LEAVER.upper(), ["d1"]), (SUCCESSOR, [])])
async def test_an_event_that_names_the_user_acts_only_on_that_one(named: str, posts: list[str]) -> None:
    scene = Scene(builders.device())

    await scene.retire(body=builders.retired_body(assignedUserPrincipalName=named))

    assert scene.posted == posts


async def test_user_and_resource_account_are_two_actions_each_with_its_outcome() -> None:
    scene = Scene(builders.device("d1", resource_name="Room 1"), allow_resource_account=True)

    await scene.retire(body=builders.retired_body(actions=BOTH, resourceAccountName="room 1"))

    assert scene.graph.posts == [("d1", Action.UNASSIGN_RESOURCE_ACCOUNT), ("d1", Action.UNASSIGN_USER)]
    assert {each["action"]: each["outcome"] for each in scene.reports[0]["devices"]} == dict.fromkeys(
        BOTH, "unassigned"
    )


async def test_another_resource_account_than_the_named_one_is_left_alone() -> None:
    scene = Scene(builders.device("d1", resource_name="Room 2"), allow_resource_account=True)
    body = builders.retired_body(actions=BOTH[1:], resourceAccountName="Room 1")

    await scene.retire(body=body)

    assert scene.posted == []
    assert scene.reports[0]["devices"][0]["detail"] == "otherResourceAccount"


@pytest.mark.parametrize("actions", [BOTH, BOTH[1:]])
async def test_an_action_that_is_switched_off_is_refused_before_anything_is_touched(actions: Any) -> None:
    scene = Scene(builders.device("d1", resource_name="Room 1"))

    await scene.retire(body=builders.retired_body(actions=actions))

    description = "unassignResourceAccount is off: ALLOW_RESOURCE_ACCOUNT_UNASSIGN"
    assert scene.settlements == [DeadLetter(Reason.ACTION_NOT_ALLOWED, description)]
    assert not any(call.startswith("graph") for call in scene.script.trail)
