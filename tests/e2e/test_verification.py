"""The looks at what a run did, by the real parts: a Graph that does as it says, one that does later, and one that never does."""

from datetime import timedelta
from functools import partial

import pytest

from cli.parts import VERIFICATION
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site
from tests.e2e.watching import lines

COMPLETED, FAILED, VERIFIED, UNVERIFIED = (
    f"autopilot.unassignment.{end}" for end in ("completed", "failed", "verified", "unverified")
)


def types(site: Site, event_id: str) -> list[str]:
    return [event["type"] for event in site.published(event_id)]


def test_what_graph_did_is_unassigned_at_once_and_verified_later(own_site: OwnSite) -> None:
    site = own_site(VERIFY_AFTER="1s")
    site.start_host()
    leaver = site.people.take(devices=3)

    message = site.left(leaver)
    site.until(lambda: len(types(site, message)) == 2)

    first, second = (event["data"] for event in site.published(message))
    assert types(site, message) == [COMPLETED, VERIFIED]
    assert set(lines(first).values()) == {"unassigned"}
    assert lines(second) == dict.fromkeys(leaver.devices, "verified")
    assert [len(site.posts(device)) for device in leaver.devices] == [1, 1, 1]


def test_a_graph_whose_204_changes_nothing_ends_unverified_and_in_the_dead_letter_queue(own_site: OwnSite) -> None:
    site = own_site(VERIFY_AFTER="1s", VERIFY_ATTEMPTS="2", clears_after=timedelta(days=1))
    site.start_host()
    leaver = site.people.take()

    message = site.left(leaver)
    site.until(lambda: UNVERIFIED in types(site, message))

    assert types(site, message) == [COMPLETED, UNVERIFIED]
    assert lines(site.published(message)[-1]["data"]) == {leaver.device: "unverified"}
    (dead,) = site.until(lambda: site.service_bus.snapshot(VERIFICATION).dead_lettered)
    assert dead.dead_letter_reason == "UnassignmentNotConfirmed"
    assert leaver.name not in str(dead.dead_letter_description)
    assert len(site.posts(leaver.device)) == 2, "the first look unassigned again, the last one changed nothing"


def test_a_graph_that_clears_a_while_after_its_204_is_posted_to_once(own_site: OwnSite) -> None:
    site = own_site(VERIFY_AFTER="3s", clears_after=timedelta(seconds=1))
    site.start_host()
    leaver = site.people.take()

    message = site.left(leaver)
    site.until(lambda: len(types(site, message)) == 2)

    assert types(site, message) == [COMPLETED, VERIFIED]
    assert len(site.posts(leaver.device)) == 1


@pytest.mark.parametrize("times", [3])
def test_a_host_killed_again_and_again_ends_each_run_and_its_verification_once(own_site: OwnSite, times: int) -> None:
    site = own_site(VERIFY_AFTER="1s")
    leavers = [site.people.take() for _ in range(6)]
    host = site.start_host()
    messages = [site.left(leaver) for leaver in leavers]
    for number in range(times):
        site.until(partial(lambda few: sum(len(types(site, each)) for each in messages) > few, 2 * number))
        site.kill_host(host)
        host = site.start_host()

    # Killed between journal and topic, a run's own outcome comes again with its message, and may come after the look's.
    site.until(lambda: all({COMPLETED, VERIFIED} <= set(types(site, message)) for message in messages), seconds=60)

    for leaver, message in zip(leavers, messages, strict=True):
        assert len({event["id"] for event in site.published(message)}) == 2
        assert len(site.posts(leaver.device)) == 1
