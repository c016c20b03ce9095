from collections.abc import Callable, Mapping

import pytest

from cli.parts import DEVICE_RETIREMENT
from emulators.servicebus.faults import Fault
from emulators.servicebus.trace import Operation
from tests.e2e import people
from tests.e2e.site import Site
from tests.e2e.watching import lines

KEYS: dict[str, Callable[[str], str]] = {
    "autopilotDeviceId": str,
    "serialNumber": people.serial_number,
    "entraDeviceId": people.entra_device_id,
    "managedDeviceId": people.managed_device_id,
}
ROOM = f"room@{people.PRIVATE}.example"


@pytest.mark.parametrize("key", list(KEYS))
def test_a_retired_device_is_found_by_each_of_its_keys(site: Site, key: str) -> None:
    device = site.people.take().device

    data = site.end(site.retired(device={key: KEYS[key](device)}))

    assert lines(data) == {device: "unassigned"}
    assert [call.status for call in site.posts(device)] == [204]


def test_an_event_delivered_again_leaves_the_new_user_alone(site: Site) -> None:
    device = site.people.take().device
    first = site.retired(device, eventId=(event := f"event-of-{device}"))
    site.end(first, event)
    site.graph.tenant.assign_user(device, people.SUCCESSOR)

    again = site.retired(device, eventId=event)
    data = site.end(again, event)

    assert site.settlement(again) == "complete"
    assert site.user_of(device) == people.SUCCESSOR
    assert len(site.posts(device)) == 1
    assert lines(data) == {device: "unassigned"}  # what this event did, told again
    assert len({each["id"] for each in site.published(event)}) == 1


def test_a_message_that_comes_back_unsettled_leaves_the_new_user_alone(site: Site) -> None:
    device = site.people.take().device
    site.disturb(
        Fault(entity=DEVICE_RETIREMENT, operation=Operation.COMPLETE, times=2)
    )  # one settlement, both its tries

    message = site.retired(device)
    site.until(lambda: site.published(message))
    site.graph.tenant.assign_user(device, people.SUCCESSOR)
    data = site.end(message)

    steps = [step for step, _ in site.steps(message)]
    assert steps == ["send", "deliver", "lock-expired", "deliver", "complete"]
    assert site.user_of(device) == people.SUCCESSOR
    assert len(site.posts(device)) == 1
    assert lines(data) == {device: "unassigned"}
    assert len(site.published(message)) == 1


@pytest.mark.parametrize(
    ("fields", "outcome"),
    [
        ({}, "unassigned"),
        ({"resourceAccountName": ROOM.upper()}, "unassigned"),
        ({"resourceAccountName": f"other-{ROOM}"}, "assignedToSomeoneElse"),
    ],
    ids=["no name given", "its name", "another's name"],
)
def test_a_resource_account_is_unassigned_on_beta_if_it_is_the_one_meant(
    allowing: Site, fields: Mapping[str, str], outcome: str
) -> None:
    device = allowing.people.take().device
    allowing.graph.tenant.devices[device].resource_name = ROOM

    data = allowing.end(allowing.retired(device, actions=["unassignResourceAccount"], **fields))

    posts = [(call.api_version, call.path.rpartition("/")[2]) for call in allowing.posts(device)]
    assert lines(data) == {device: outcome}
    assert posts == ([("beta", "unassignResourceAccountFromDevice")] if outcome == "unassigned" else [])
    assert allowing.graph.tenant.devices[device].resource_name == ("" if outcome == "unassigned" else ROOM)
    assert allowing.user_of(device)  # the user was not asked for


def test_an_action_that_is_switched_off_is_refused_before_anything_is_touched(site: Site) -> None:
    device = site.people.take().device

    message = site.retired(device, actions=["unassignUser", "unassignResourceAccount"])
    data = site.end(message)

    assert site.settlement(message) == data["deadLetterReason"] == "ActionNotAllowed"
    assert not [call for call in site.graph.calls if device in call.path]
    assert site.user_of(device)
