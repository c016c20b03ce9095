"""What a preview says of the rows of a file that the journal knows, or that are not of today."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.demo.tenant import identifier, user
from cli.events import OutgoingEvent
from cli.parts import LocalParts
from emulators.clock import SystemClock
from shared.domain.history import Step
from shared.domain.identifiers import EventId
from shared.messaging import conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from tests import builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.previews import ADELE, a_journal, shown
from tests.integration.cli.recorded import before, ended, write


@pytest.fixture
def journal(tmp_path: Path, parts: LocalParts) -> Path:
    return a_journal(tmp_path, parts)


def row_of(tmp_path: Path, *cells: str) -> str:
    file = tmp_path / "one.csv"
    file.write_text("userPrincipalName,eventId,occurredAt,effectiveAt\n" + ",".join(cells) + "\n", encoding="utf-8")
    return str(file)


@pytest.mark.parametrize(
    ("end", "code"),
    [
        ({"outcome": "unassigned"}, 0),
        ({"outcome": "failed", "settlement": DeadLetter(Reason.PROTECTED_USER, "x")}, 1),
    ],
    ids=["done", "dead-lettered"],
)
def test_what_was_handled_already_would_be_answered_with_that(
    offboard: Offboard, journal: Path, tmp_path: Path, end: dict[str, Any], code: int
) -> None:
    event = OutgoingEvent("user.offboarded", {"user": {"userPrincipalName": ADELE}}, "E-1")
    contents = conclusion.fingerprint(event.decoded())
    outcome = end["outcome"]
    now = SystemClock().now()
    write(journal, ended("user.offboarded:E-1", fingerprint=contents, at=now, **end))
    file = row_of(tmp_path, ADELE, "E-1", "", "")

    found, document = shown(offboard, "--csv", file)
    for_people = offboard("preview", "--csv", file)

    assert found == code
    (row,) = document["rows"]
    assert (row["outcome"], row["reason"], row["devices"]) == (outcome, "handledAlready", [])
    assert document["cost"]["writes"] == 0
    assert for_people.stdout.splitlines()[1].split() == ["2", outcome, "handled", "already,", "on", f"{now:%Y-%m-%d}"]


def test_what_was_verified_since_is_told_as_status_tells_it(offboard: Offboard, journal: Path, tmp_path: Path) -> None:
    event = OutgoingEvent("user.offboarded", {"user": {"userPrincipalName": ADELE}}, "E-6").decoded()
    now = SystemClock().now()
    run = ended("user.offboarded:E-6", fingerprint=conclusion.fingerprint(event), at=now, outcome="unassigned")
    look = conclusion.fingerprint_of_verification(event, replay=0)
    write(journal, run, ended("user.offboarded:E-6", fingerprint=look, at=now, outcome="verified"))
    file = row_of(tmp_path, ADELE, "E-6", "", "")

    code, document = shown(offboard, "--csv", file)
    for_people = offboard("preview", "--csv", file)

    (row,) = document["rows"]
    assert (code, row["outcome"], row["reason"]) == (0, "verified", "handledAlready")
    assert "with unassigned (verified since), which is its answer for good" in row["description"]
    assert for_people.stdout.splitlines()[1].split()[:3] == ["2", "verified", "handled"]


def test_what_began_and_has_not_ended_goes_on_from_there(
    offboard: Offboard, parts: LocalParts, journal: Path, tmp_path: Path
) -> None:
    event = OutgoingEvent("user.offboarded", {"user": {"userPrincipalName": ADELE}}, "E-2")
    contents = conclusion.fingerprint(event.decoded())
    tablet = before(parts.graph.tenant, "adele's tablet")
    moment = {"at": SystemClock().now(), "event_id": EventId("user.offboarded:E-2"), "fingerprint": contents}
    write(journal, *(builders.entry(step, tablet, **moment) for step in (Step.INTENT, Step.ACCEPTED)))

    _, document = shown(offboard, "--csv", row_of(tmp_path, ADELE, "E-2", "", ""))

    outcomes = {line["autopilotDeviceId"]: line["outcome"] for line in document["rows"][0]["devices"]}
    assert outcomes[identifier("adele's tablet")] == "unassigned", "accepted a moment ago: neither repeated nor doubted"
    assert outcomes[identifier("adele's laptop")] == "wouldUnassign"
    assert document["blastRadius"]["needed"] == 2


def test_an_event_id_that_stands_for_something_else_is_told(offboard: Offboard, journal: Path, tmp_path: Path) -> None:
    write(journal, ended("user.offboarded:E-3", fingerprint="of somebody else"))

    code, document = shown(offboard, "--csv", row_of(tmp_path, ADELE, "E-3", "", ""))

    assert (code, document["rows"][0]["reason"]) == (1, "InvalidMessage")


def test_an_event_id_that_was_used_long_ago_would_be_dead_lettered(
    offboard: Offboard, journal: Path, tmp_path: Path
) -> None:
    event = OutgoingEvent("user.offboarded", {"user": {"userPrincipalName": ADELE}}, "E-5")
    contents = conclusion.fingerprint(event.decoded())
    end = ended("user.offboarded:E-5", fingerprint=contents, at=SystemClock().now() - timedelta(days=8))
    write(journal, end)
    file = row_of(tmp_path, ADELE, "E-5", "", "")

    code, document = shown(offboard, "--csv", file)
    for_people = offboard("preview", "--csv", file)

    (row,) = document["rows"]
    assert (code, row["outcome"], row["reason"]) == (1, "failed", "InvalidMessage")
    assert f"was used by an event that ended on {end.at:%Y-%m-%d}" in row["description"]
    assert f"ended on {end.at:%Y-%m-%d}" in for_people.stdout


def test_an_event_that_is_too_old_would_do_nothing(offboard: Offboard, journal: Path, tmp_path: Path) -> None:
    code, document = shown(offboard, "--csv", row_of(tmp_path, ADELE, "", "2020-01-01T00:00:00Z", ""))

    assert (code, document["rows"][0]["reason"]) == (1, "StaleMessage")


@pytest.mark.parametrize(
    ("happened", "cleared", "own", "outcome"),
    [
        (timedelta(days=3), timedelta(hours=1), False, "assignedToSomeoneElse"),
        (timedelta(hours=2), timedelta(hours=1), True, "assignedToSomeoneElse"),
        (timedelta(hours=2), timedelta(hours=1), False, "wouldUnassign"),
    ],
    ids=["rehired", "cleared by the same event", "cleared the same day"],
)
def test_a_device_known_to_have_been_assigned_after_the_event_is_left_alone(  # noqa: PLR0917 - a row and its fixtures
    offboard: Offboard,
    parts: LocalParts,
    journal: Path,
    tmp_path: Path,
    happened: timedelta,
    cleared: timedelta,
    own: bool,
    outcome: str,
) -> None:
    now = SystemClock().now()
    fields: dict[str, Any] = {"user": {"userPrincipalName": user("lee.gu")}, "occurredAt": (now - happened).isoformat()}
    contents = conclusion.fingerprint(OutgoingEvent("user.offboarded", fields, "E-4").decoded()) if own else ""
    laptop = before(parts.graph.tenant, "lee's laptop")
    event = EventId(f"device:{laptop.autopilot_device_id}")
    write(journal, builders.entry(Step.CLEAR, laptop, at=now - cleared, event_id=event, fingerprint=contents))

    _, document = shown(offboard, "--csv", row_of(tmp_path, user("lee.gu"), "E-4", fields["occurredAt"], ""))

    assert [line["outcome"] for line in document["rows"][0]["devices"]] == [outcome]


def test_an_event_of_the_future_says_that_it_waits_and_counts_for_no_hour(
    offboard: Offboard, journal: Path, tmp_path: Path
) -> None:
    file = row_of(tmp_path, ADELE, "", "", "2999-12-01T18:00:00Z")

    _, document = shown(offboard, "--csv", file)
    for_people = offboard("preview", "--csv", file)

    (row,) = document["rows"]
    assert (row["outcome"], row["waitsUntil"]) == ("wouldUnassign", "2999-12-01T18:00:00+00:00")
    assert document["blastRadius"]["needed"] == 0
    assert "waits until 2999-12-01 18:00 UTC" in for_people.stdout.splitlines()[1]
