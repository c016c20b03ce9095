"""A retired device is the one that its key names, and what the event says of its user counts for every action."""

from typing import Any

import pytest

from shared.domain.errors import GraphUnavailable, JournalUnavailable
from shared.domain.events import Action
from shared.domain.history import History
from shared.domain.identifiers import EventId
from shared.recording import Run
from tests import builders
from tests.builders import SUCCESSOR
from tests.scene import Scene

BOTH = ["unassignUser", "unassignResourceAccount"]
ACCOUNT_ONLY = ["unassignResourceAccount"]


@pytest.mark.parametrize(
    ("key", "field"),
    [("serialNumber", "serial_number"), ("entraDeviceId", "entra_device_id"), ("managedDeviceId", "managed_device_id")],
)
async def test_rule_4_a_record_that_no_longer_has_the_key_is_left_alone(key: str, field: str) -> None:
    scene = Scene(builders.device("d1", **{field: "key-2"}))
    scene.graph.listed = [builders.device("d1", **{field: "key-1"})]  # the list is stale

    await scene.retire(body={"device": {key: "key-1"}})

    assert scene.posted == []
    assert scene.outcomes() == {"d1": "notFound"}
    assert scene.reports[0]["devices"][0]["detail"] == "keyChanged"


@pytest.mark.parametrize("actions", [BOTH, ACCOUNT_ONLY])
async def test_an_event_that_names_another_user_leaves_the_resource_account_too(actions: list[str]) -> None:
    scene = Scene(builders.device("d1", resource_name="Room 1"), allow_resource_account=True)

    await scene.retire(body=builders.retired_body(actions=actions, assignedUserPrincipalName=SUCCESSOR))

    assert scene.posted == []


async def test_the_user_that_the_event_names_may_go_first_and_the_resource_account_at_the_next_attempt() -> None:
    scene = Scene(builders.device("d1", resource_name="Room 1"), allow_resource_account=True)
    scene.script.fail("graph.unassign", GraphUnavailable("for the resource account, which goes first"), times=1)

    await scene.retire(body=builders.retired_body(actions=BOTH, assignedUserPrincipalName=builders.LEAVER))
    await scene.deliver_the_copy()

    assert scene.graph.posts[-1] == ("d1", Action.UNASSIGN_RESOURCE_ACCOUNT)
    assert {each["outcome"] for each in scene.reports[-1]["devices"]} == {"unassigned"}


async def test_a_device_that_was_unassigned_is_reported_though_its_key_leads_nowhere_any_more() -> None:
    scene = Scene(builders.device("d1", managed_device_id="m1"))
    scene.script.fail("journal.conclude", JournalUnavailable("journal"), times=1)

    await scene.retire(body={"device": {"managedDeviceId": "m1"}})
    scene.graph.listed = []
    await scene.deliver_the_copy()

    assert scene.posted == ["d1"]
    assert scene.outcomes() == {"d1": "unassigned"}


@pytest.mark.parametrize(
    "body",
    [
        {"user": {"userPrincipalName": builders.LEAVER, "dryRun": True}},
        {"user": {"userPrincipalName": builders.LEAVER}, "dry run": True},
        {
            "specversion": "1.0",
            "type": "user.offboarded",
            "id": "e1",
            "dryrun": True,
            "data": builders.offboarded_body(),
        },
    ],
)
async def test_rule_8_a_dry_run_that_is_asked_for_in_the_wrong_place_is_not_taken_for_live(
    body: dict[str, Any],
) -> None:
    scene = Scene(builders.device())

    await scene.offboard(body=body)

    assert scene.posted == []
    assert scene.reports[0]["deadLetterReason"] == "InvalidMessage"


async def test_rule_8_nor_is_one_that_is_asked_for_in_an_application_property() -> None:
    scene = Scene(builders.device())

    await scene.offboard(application_properties={"DryRun": True})

    assert scene.posted == []
    assert scene.reports[0]["deadLetterReason"] == "InvalidMessage"


async def test_whom_else_the_record_must_name_is_asked_for_the_resource_account_alone() -> None:
    scene = Scene(allow_resource_account=True)
    event = builders.retired(assigned_user_principal_name=builders.LEAVER, actions=tuple(Action))
    run = Run(
        event_id=EventId("event-1"), number=0, attempt=1, dry_run=False, event_at=scene.clock.now(), history=History()
    )

    targets = await scene.handlers.resolver.for_retired_device(event, run)

    assert [(target.action, target.assigned, target.only_with_user) for target in targets] == [
        (Action.UNASSIGN_RESOURCE_ACCOUNT, None, builders.LEAVER),
        (Action.UNASSIGN_USER, (builders.LEAVER,), None),
    ]
