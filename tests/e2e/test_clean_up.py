"""The service removes from its journal what is older than JOURNAL_RETENTION, once nothing waits for it."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from shared import ports
from shared.domain.identifiers import EventId
from shared.journal.sqlite import SqliteJournal
from tests.contract.journal_contract import an_entry
from tests.e2e.conftest import OwnSite
from tests.e2e.site import Site

LONG_AGO = timedelta(days=4_000)


def kept(site: Site, event: str) -> bool:
    async def read() -> ports.Record:
        journal = SqliteJournal(site.journal)
        try:
            return await journal.read(EventId(event))
        finally:
            await journal.close()

    return asyncio.run(read()) != ports.Record()


def write(site: Site, event: str, age: timedelta) -> None:
    async def append() -> None:
        journal = SqliteJournal(site.journal)
        entry = an_entry(event_id=EventId(event))
        await journal.append(replace(entry, at=entry.at - age))
        await journal.close()

    asyncio.run(append())


def test_old_events_go_after_a_verification_and_young_ones_stay(own_site: OwnSite) -> None:
    site = own_site(VERIFY_AFTER="1s", JOURNAL_RETENTION="3660d")
    write(site, "old", LONG_AGO)
    write(site, "young", timedelta(0))
    site.start_host()

    message = site.left(site.people.take())
    site.until(lambda: len(site.published(message)) == 2)
    site.until(lambda: not kept(site, "old"))

    assert kept(site, "young")
    assert kept(site, f"user.offboarded:{message}")
    assert "journal.cleaned" in site.log.read_text()
