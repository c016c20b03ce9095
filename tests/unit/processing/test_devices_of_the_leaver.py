"""MAX_DEVICES_PER_USER counts the leaver's devices, not all that an event came across."""

import pytest

from shared import ports
from shared.domain.errors import GraphUnavailable
from shared.domain.guard import Guard
from shared.domain.identifiers import UserObjectId, UserPrincipalName
from tests import builders
from tests.fakes import FakeUsers
from tests.scene import Scene

FORMER = "former@contoso.com"


def two_and_a_namesakes() -> Scene:
    """A leaver with as many devices as one may have; somebody else, with a device, has the leaver's former name by now."""
    users = FakeUsers(
        ports.User(user_object_id=UserObjectId(builders.SUCCESSOR_ID), user_principal_name=UserPrincipalName(FORMER))
    )
    devices = (builders.device("d1"), builders.device("d2"), builders.device("d3", FORMER))
    return Scene(*devices, users=users, guard=Guard(max_devices_per_user=2))


BODY = {"user": {"userPrincipalName": builders.LEAVER, "previousUserPrincipalNames": [FORMER]}}
DONE = {"d1": "verified", "d2": "verified", "d3": "assignedToSomeoneElse"}


async def test_another_attempt_does_not_count_what_the_first_left_alone() -> None:
    scene = two_and_a_namesakes()
    scene.script.fail("graph.unassign", GraphUnavailable("503"))
    await scene.offboard(body=BODY)

    await scene.deliver_the_copy()

    assert scene.reports[-1]["deadLetterReason"] is None
    assert sorted(scene.posted) == ["d1", "d2"]


@pytest.mark.parametrize("lagging", [False, True])
async def test_nor_does_a_look(lagging: bool) -> None:
    scene = two_and_a_namesakes()
    await scene.offboard(body=BODY)
    if lagging:
        scene.graph.put(builders.device("d1"))
        await scene.look_again()

    await scene.look_until_the_end()

    assert scene.outcomes() == DONE


async def test_a_device_that_was_the_leavers_at_first_still_counts() -> None:
    scene = two_and_a_namesakes()
    scene.script.fail("graph.unassign", GraphUnavailable("503"))
    await scene.offboard(body=BODY)
    scene.graph.put(builders.device("d4"))

    await scene.deliver_the_copy()

    assert scene.reports[-1]["deadLetterReason"] == "TooManyDevices"
