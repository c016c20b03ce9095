from cli.parts import USER_OFFBOARDING
from tests.e2e import people
from tests.e2e.site import Site
from tests.e2e.watching import details, lines


def test_of_three_devices_in_a_stale_list_only_the_one_that_names_the_leaver_is_unassigned(site: Site) -> None:
    site.end(site.left(site.people.take()))  # now the list has been read
    leaver = site.people.take(devices=3)
    kept, given_away, cleared = leaver.devices
    site.graph.tenant.assign_user(given_away, people.SUCCESSOR)
    site.graph.tenant.assign_user(cleared, "")
    scans = len(site.scans())

    data = site.end(site.left(leaver))

    assert lines(data) == {kept: "unassigned", given_away: "assignedToSomeoneElse", cleared: "alreadyUnassigned"}
    assert data["outcome"] == "assignedToSomeoneElse"
    assert [len(site.posts(device)) for device in leaver.devices] == [1, 0, 0]
    assert [site.user_of(device) for device in leaver.devices] == ["", people.SUCCESSOR, ""]
    assert len(site.scans()) == scans


def test_the_outcome_tells_what_was_there_before_and_who_asked(site: Site) -> None:
    leaver = site.people.take()

    data = site.end(site.left(leaver, ticket="T-1"))

    (line,) = data["devices"]
    assert line["before"]["userPrincipalName"] == leaver.name
    assert line["before"]["serialNumber"] == people.serial_number(leaver.device)
    assert (data["ticket"], data["requestedBy"], data["attempt"]) == ("T-1", people.PRIVATE, 1)
    assert details(data) == [None]


def test_a_user_without_devices_is_no_failure(site: Site) -> None:
    message = site.send(USER_OFFBOARDING, {"user": {"userPrincipalName": f"nobody@{people.PRIVATE}.example"}})

    data = site.end(message)

    assert (data["outcome"], data["devices"]) == ("noDevices", [])
    assert site.settlement(message) == "complete"
