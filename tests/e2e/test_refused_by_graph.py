import pytest

from emulators.graph.faults import LIST, Status, When
from tests.e2e.site import Site
from tests.e2e.watching import lines


def assert_denied_at_once(site: Site, message: str) -> None:
    data = site.end(message)
    dead = site.dead_letter(message)
    assert dead is not None
    assert (dead.dead_letter_reason, dead.delivery_count) == ("GraphPermissionDenied", 1)
    assert (data["outcome"], data["deadLetterReason"], data["attempt"]) == ("failed", "GraphPermissionDenied", 1)
    assert [event["type"] for event in site.published(message)] == ["autopilot.unassignment.failed"]
    assert site.steps(message) == [("send", ""), ("deliver", ""), ("dead-letter", "")]


@pytest.mark.parametrize(("status", "posts"), [(403, 1), (401, 2)], ids=["403", "401, and again with a new token"])
def test_a_refused_unassignment_is_dead_lettered_at_the_first_attempt(site: Site, status: int, posts: int) -> None:
    leaver = site.people.take()
    site.graph.faults.add(When(method="POST", path=leaver.device), Status(status))

    message = site.left(leaver)

    assert_denied_at_once(site, message)
    assert [call.status for call in site.posts(leaver.device)] == [status] * posts
    assert site.user_of(leaver.device) == leaver.name


def test_a_refused_list_is_dead_lettered_at_the_first_attempt(allowing: Site) -> None:
    allowing.let_list_grow_old()
    leaver = allowing.people.take()
    allowing.graph.faults.add(When(path=LIST), Status(403))

    message = allowing.left(leaver)

    assert_denied_at_once(allowing, message)
    assert allowing.posts(leaver.device) == []


def test_a_token_that_is_refused_once_is_renewed(site: Site) -> None:
    leaver = site.people.take()
    site.graph.faults.add(When(path=leaver.device, last=1), Status(401))

    message = site.left(leaver)
    data = site.end(message)

    assert (data["outcome"], data["attempt"]) == ("unassigned", 1)
    assert lines(data) == {leaver.device: "unassigned"}


def test_a_device_that_graph_refuses_is_dead_lettered_while_the_others_are_unassigned(site: Site) -> None:
    leaver = site.people.take(devices=3)
    refused, *others = leaver.devices
    site.graph.faults.add(When(method="POST", path=refused), Status(400))

    message = site.left(leaver)
    data = site.end(message)

    assert site.settlement(message) == "GraphRequestRejected"
    assert lines(data) == {refused: "failed"} | dict.fromkeys(others, "unassigned")
    assert [site.user_of(device) for device in leaver.devices] == [leaver.name, "", ""]
