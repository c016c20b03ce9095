"""What an operator undoes: `offboard undo` beside a running host, over the same journal and the same Graph."""

import itertools
import json
from typing import Any

from typer.testing import CliRunner, Result

from cli import main
from shared.settings import reading
from shared.settings.fields import TABLE
from tests.e2e.conftest import OwnSite
from tests.e2e.people import PRIVATE, SUCCESSOR
from tests.e2e.site import Site
from tests.e2e.watching import details, lines

VERIFIED = "autopilot.unassignment.verified"


def offboard(site: Site, *arguments: str, **settings: str) -> Result:
    """The command, with the settings of the site and nothing else of ours around."""
    others = {each.name for each in TABLE.values()} & reading.process_environment().keys()
    given = site.parts.environment(site.journal) | settings
    environment = dict(itertools.chain(((name, None) for name in others), given.items()))
    return CliRunner().invoke(main.app, arguments, env=environment)


def results(result: Result) -> dict[str, str]:
    document: dict[str, Any] = json.loads(result.stdout)
    return {line["autopilotDeviceId"]: line["result"] for line in document["devices"]}


def test_an_undone_event_is_as_before_and_no_verification_undoes_that(own_site: OwnSite) -> None:
    site = own_site(VERIFY_AFTER="10s")
    site.start_host()
    leaver = site.people.take(devices=3)
    given_on = leaver.devices[0]
    message = site.left(leaver)
    site.end(message)
    site.graph.tenant.assign_user(given_on, SUCCESSOR)

    shown = offboard(site, "undo", message, "--json")
    assert (shown.exit_code, set(results(shown).values())) == (1, {"wouldRestore", "assignedToSomeoneElse"})
    assert {site.user_of(device) for device in leaver.devices[1:]} == {""}, "shown only"
    done = offboard(site, "undo", message, "--yes", "--because", f"it is {PRIVATE}", "--json")

    assert done.exit_code == 1, "one device was refused"
    restored = dict.fromkeys(leaver.devices[1:], "restored")
    assert results(done) == {given_on: "assignedToSomeoneElse", **restored}
    verified = site.until(lambda: [each for each in site.published(message) if each["type"] == VERIFIED])[-1]["data"]
    assert lines(verified) == dict.fromkeys(leaver.devices[1:], "unassigned") | {given_on: "verified"}
    assert sorted(map(str, details(verified))) == ["reassignedSince", "undone", "undone"]
    assert [site.user_of(device) for device in leaver.devices] == [SUCCESSOR, leaver.name, leaver.name]
    greeting = {site.graph.tenant.devices[device].addressable_user_name for device in leaver.devices[1:]}
    assert greeting == {f"Mx {PRIVATE}"}
    again = offboard(site, "undo", message, "--yes", "--device", leaver.devices[1], "--json")
    assert (again.exit_code, results(again)) == (0, {leaver.devices[1]: "alreadyAssigned"})
    posted = [call.path.rpartition("/")[2] for call in site.posts(leaver.devices[1])]
    assert posted == ["unassignUserFromDevice", "assignUserToDevice"]
