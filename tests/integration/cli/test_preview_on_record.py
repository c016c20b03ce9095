"""What a preview learns from the journal and the records beside it, which it leaves as they were."""

import asyncio
import json
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.demo.tenant import identifier, user
from cli.events import OutgoingEvent
from cli.parts import LocalParts
from emulators.clock import SystemClock
from shared import bootstrap
from shared.blast_radius import BlastRadius
from shared.domain.history import Step
from shared.domain.identifiers import EventId
from shared.journal import sqlite_records
from shared.journal.location import TableStorage
from shared.journal.sqlite_records import SqliteRecords
from shared.journal.table_connection import TableConnection
from shared.messaging import conclusion
from shared.messaging.dead_letters import Reason
from shared.messaging.settlement import DeadLetter
from tests import azurite, builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.recorded import LONG_AGO, before, ended, unassigned, write

ADELE = user("adele.vance")


@pytest.fixture
def journal(tmp_path: Path, parts: LocalParts) -> Path:
    """One in which there is something."""
    path = tmp_path / "journal.sqlite3"
    write(path, *unassigned(before(parts.graph.tenant, "megan's laptop")))
    return path


def counted(journal: Path, devices: int) -> None:
    """So many devices were unassigned in this hour."""

    async def count() -> None:
        records = SqliteRecords(sqlite_records.beside(journal))
        radius = BlastRadius(records.record(bootstrap.BLAST_RADIUS), clock=SystemClock(), limit=1000)
        await radius.reserve(devices)
        await records.close()

    asyncio.run(count())


def rows(journal: Path) -> int:
    with closing(sqlite3.connect(journal)) as connection:
        (number,) = connection.execute("SELECT count(*) FROM journal").fetchone()
    return int(number)


def shown(offboard: Offboard, *arguments: str, **settings: Any) -> tuple[int, dict[str, Any]]:
    result = offboard("preview", *arguments, "--json", **settings)
    return result.exit_code, json.loads(result.stdout)


def test_how_many_devices_may_go_this_hour_is_told(offboard: Offboard, journal: Path) -> None:
    counted(journal, 150)
    before = rows(journal)

    code, document = shown(offboard, "--user", ADELE)
    for_people = offboard("preview", "--user", ADELE)

    assert code == 0
    assert document["blastRadius"] == {"perHour": 200, "left": 50, "needed": 3}
    assert document["journal"] == {"lookedAt": True, "why": None}
    assert "50 of 200 devices may still be unassigned this hour (BLAST_RADIUS_PER_HOUR); this would be 3" in (
        for_people.stdout
    )
    assert rows(journal) == before


def test_an_event_beyond_the_hours_limit_would_do_nothing(offboard: Offboard, journal: Path) -> None:
    counted(journal, 198)

    code, document = shown(offboard, "--user", ADELE)

    assert (code, document["outcome"], document["reason"]) == (1, "failed", "BlastRadiusExceeded")
    assert document["description"].startswith("3 devices would be unassigned, and 2 more may be this hour")


def test_a_file_beyond_the_hours_limit_is_told_as_a_whole(
    offboard: Offboard, journal: Path, tmp_path: Path, settings: dict[str, str]
) -> None:
    file = tmp_path / "leavers.csv"
    file.write_text(f"userPrincipalName\n{ADELE}\n{user('lee.gu')}\n", encoding="utf-8")
    settings = settings | {"BLAST_RADIUS_PER_HOUR": "3"}

    result = offboard("preview", "--csv", str(file), settings=settings)

    assert result.exit_code == 1
    assert "3 of 3 devices may still be unassigned this hour (BLAST_RADIUS_PER_HOUR); this would be 4" in result.stdout
    assert "would be dead-lettered BlastRadiusExceeded" in result.stderr
    assert not sqlite_records.beside(journal).exists()


def test_what_an_undo_gave_back_is_marked(offboard: Offboard, parts: LocalParts, journal: Path) -> None:
    laptop, tablet = (before(parts.graph.tenant, f"adele's {name}") for name in ("laptop", "tablet"))
    for device, steps in ((laptop, (Step.CLEAR, Step.RESTORED)), (tablet, (Step.RESTORED, Step.CLEAR))):
        event = EventId(f"device:{device.autopilot_device_id}")
        write(journal, *(builders.entry(step, device, at=LONG_AGO, event_id=event) for step in steps))

    _, document = shown(offboard, "--user", ADELE)

    details = {line["autopilotDeviceId"]: line["detail"] for line in document["devices"]}
    assert {line["outcome"] for line in document["devices"]} == {"wouldUnassign"}
    assert details[identifier("adele's laptop")] == "an undo assigned the user again on 2026-11-02"
    assert details[identifier("adele's tablet")] is None


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
    write(journal, ended("user.offboarded:E-1", fingerprint=contents, **end))
    file = row_of(tmp_path, ADELE, "E-1", "", "")

    found, document = shown(offboard, "--csv", file)
    for_people = offboard("preview", "--csv", file)

    assert found == code
    (row,) = document["rows"]
    assert (row["outcome"], row["reason"], row["devices"]) == (outcome, "handledAlready", [])
    assert document["cost"]["writes"] == 0
    assert for_people.stdout.splitlines()[1].split() == ["2", outcome, "handled", "already"]


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
    _, document = shown(offboard, "--csv", row_of(tmp_path, ADELE, "", "", "2999-12-01T18:00:00Z"))

    (row,) = document["rows"]
    assert (row["outcome"], row["waitsUntil"]) == ("wouldUnassign", "2999-12-01T18:00:00+00:00")
    assert document["blastRadius"]["needed"] == 0


@pytest.mark.parametrize("content", [None, "somebody else's notes, long enough to be looked at as a header " * 20])
def test_without_a_journal_it_says_what_is_missing(offboard: Offboard, tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "journal.sqlite3"
    if content is not None:
        path.write_text(content, encoding="utf-8")

    result = offboard("preview", "--user", ADELE)
    code, document = shown(offboard, "--user", ADELE)

    assert (result.exit_code, code, document["outcome"]) == (0, 0, "wouldUnassign")
    assert document["journal"]["lookedAt"] is False
    assert f"without the journal ({document['journal']['why']})" in result.stderr
    assert document["blastRadius"]["left"] is None
    assert path.exists() is (content is not None)


async def there_now(table: TableStorage) -> bool:
    connection = TableConnection(table, lambda: pytest.fail("Azurite has a key"))
    try:
        return await connection.exists()
    finally:
        await connection.close()


def test_a_table_that_is_not_there_is_not_made(offboard: Offboard, settings: dict[str, str]) -> None:
    with azurite.running() as tables:
        settings = settings | {"JOURNAL_URL": f"{tables.endpoint}/journal"}

        result = offboard("preview", "--user", ADELE, settings=settings)
        made = asyncio.run(there_now(TableStorage(tables.endpoint, "journal")))

    assert result.exit_code == 0
    assert "JOURNAL_URL names table journal, which does not exist" in result.stderr
    assert not made
