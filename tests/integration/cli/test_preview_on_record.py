"""What a preview learns from the journal and the records beside it, which it leaves as they were."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from cli.demo.tenant import identifier, user
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
from tests import azurite, builders
from tests.integration.cli.conftest import Offboard
from tests.integration.cli.previews import ADELE, a_journal, shown
from tests.integration.cli.recorded import LONG_AGO, before, write


@pytest.fixture
def journal(tmp_path: Path, parts: LocalParts) -> Path:
    return a_journal(tmp_path, parts)


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
