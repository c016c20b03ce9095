from cli.parts import USER_OFFBOARDING
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site
from tests.e2e.watching import lines


def test_what_a_dry_run_would_do_is_done_by_the_live_run_of_the_same_events(own_site: OwnSite) -> None:
    site = own_site()
    leaver, device = site.people.take(devices=3), site.people.take().device
    before = {each: site.user_of(each) for each in (*leaver.devices, device)}
    dry = site.start_host(DRY_RUN="true")

    would = [site.end(site.left(leaver, eventId="L"), "L"), site.end(site.retired(device, eventId="R"), "R")]
    after_dry = {each: site.user_of(each) for each in before}
    posts = [call for call in site.graph.calls if call.method == "POST"]
    site.kill_host(dry)
    site.start_host(DRY_RUN="false")
    left, retired = site.left(leaver, eventId="L"), site.retired(device, eventId="R")
    site.until(lambda: len(site.published("L")) + len(site.published("R")) == 4)
    did = [site.end(left, "L"), site.end(retired, "R")]

    assert [each["outcome"] for each in would] == ["wouldUnassign"] * 2
    assert [each["dryRun"] for each in (*would, *did)] == [True, True, False, False]
    assert (posts, after_dry) == ([], before)
    assert lines(did[0]) == dict.fromkeys(leaver.devices, "unassigned")
    assert lines(did[1]) == {device: "unassigned"}
    assert [len(site.posts(each)) for each in before] == [1] * 4


def test_a_message_may_ask_for_a_dry_run_by_itself(site: Site) -> None:
    leaver = site.people.take()

    data = site.end(site.left(leaver, dryRun=True))

    assert (data["outcome"], data["dryRun"]) == ("wouldUnassign", True)
    assert site.posts(leaver.device) == []


def test_a_mistyped_dry_run_is_refused_and_touches_nothing(site: Site) -> None:
    leaver = site.people.take()

    message = site.send(USER_OFFBOARDING, {"user": {"userPrincipalName": leaver.name}, "dry_run": True})

    assert site.end(message)["deadLetterReason"] == "InvalidMessage"
    assert site.user_of(leaver.device) == leaver.name
