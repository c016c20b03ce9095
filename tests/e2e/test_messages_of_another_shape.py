import json
from pathlib import Path
from typing import Any

from cli.parts import USER_OFFBOARDING
from tests.e2e.conftest import OwnSite
from tests.e2e.people import PRIVATE, Person
from tests.e2e.watching import lines

SAMPLE = Path(__file__).parents[2] / "docs" / "samples" / "bamboohr.json"


def inactive(person: Person, number: str, **fields: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(SAMPLE.read_text(encoding="utf-8"))
    (employee,) = body["employees"]
    employee |= {"id": number, "fields": {"Status": "Inactive", "Work Email": person.name, **fields}}
    return body


def test_a_message_of_an_hr_system_is_handled_like_our_own_and_what_no_rule_knows_is_dead_lettered(
    own_site: OwnSite,
) -> None:
    site = own_site(MAPPING_FILE="shared/mappings/bamboohr.yaml", MESSAGE_MAX_AGE="366d", JOURNAL_RETENTION="400d")
    mapped, own, active = (site.people.take() for _ in range(3))
    site.start_host()

    message = site.send(USER_OFFBOARDING, inactive(mapped, "7"))
    event_id = "bamboohr-7-2026-11-20T18:42:00+0000"
    ours = site.left(own)
    still_here = site.send(USER_OFFBOARDING, inactive(active, "8", Status="Active"))
    broken = site.send(USER_OFFBOARDING, inactive(active, "9", **{"Work Email": PRIVATE}))

    outcome = site.end(message, event_id)
    assert (lines(outcome), outcome["requestedBy"]) == ({mapped.device: "unassigned"}, "BambooHR")
    assert lines(site.end(ours)) == {own.device: "unassigned"}
    assert {site.end(each)["deadLetterReason"] for each in (still_here, broken)} == {"InvalidMessage"}
    told = [str(view.dead_letter_description) for each in (still_here, broken) if (view := site.dead_letter(each))]
    assert told == [
        "$: is no user.offboarded, and no mapping rule matches; tried: bamboohr-inactive (its condition does not hold)",
        (
            "$.user.userPrincipalName: must be a user principal name, such as name@contoso.com "
            "(mapped by the rule bamboohr-inactive)"
        ),
    ]
    assert site.user_of(active.device) == active.name
