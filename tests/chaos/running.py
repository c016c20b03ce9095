"""One run from its seed to its verdict: makes the plans, the place and the hosts, drives, and collects the evidence."""

import asyncio
import random
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from emulators.clock import SystemClock
from shared import bootstrap
from shared.domain.history import Entry
from shared.domain.identifiers import EventId
from tests.azurite import Azurite
from tests.chaos import evidence, faults, load, oracle
from tests.chaos import site as sites
from tests.chaos.administrator import Administrator
from tests.chaos.cutting import Cutting
from tests.chaos.driver import Driver
from tests.chaos.evidence import Evidence
from tests.chaos.hosts import Hosts
from tests.chaos.operator import Operator
from tests.chaos.oracle import Violation
from tests.chaos.sending import Sender
from tests.chaos.site import Times
from tests.chaos.stories import Story
from tests.chaos.tenant import WatchedTenant
from tests.e2e.conftest import nobody_is_named
from tests.e2e.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a run is to be. The seed repeats the load and the plan of faults, not the moments at which they meet."""

    messages: int
    kills: int
    cuts: int
    seed: int
    times: Times
    table: bool = False
    patience: timedelta = timedelta(minutes=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What came of it."""

    asked: Asked
    evidence: Evidence
    happened: Mapping[faults.Hurt | faults.Cut, int]
    drained: Mapping[int, int]
    out_of_time: bool
    violations: Sequence[Violation]


def run(asked: Asked, folder: Path, tell: Callable[[str], None]) -> Ran:
    """Do it. `tell` gets a line now and then."""
    clock, chance = SystemClock(), random.Random(asked.seed)
    what = load.plan(asked.messages, chance, ahead=asked.times.ahead)
    cut, stop = asked.times.cut.total_seconds(), asked.times.stop.total_seconds()
    plan = faults.plan(chance, kills=asked.kills, cuts=asked.cuts, hosts=sites.HOSTS, cut=cut, stop=stop)
    tenant = WatchedTenant(what.devices, clock)
    before = evidence.users(tenant)
    with ExitStack() as stack:
        tables = None
        if asked.table:
            tables = stack.enter_context(Azurite(folder))
        url = "" if tables is None else f"{tables.endpoint}/journal"
        site = stack.enter_context(sites.site(folder, tenant, asked.times, journal_url=url))
        hosts = stack.enter_context(closing(Hosts(site, sites.HOSTS)))
        begun = clock.now()
        sender = Sender(site.service_bus.connection_string, begun=begun, clock=clock)
        administrator = Administrator(
            site=site,
            tenant=tenant,
            load=what,
            sender=sender,
            longest_fault=max(asked.times.cut, asked.times.stop),
        )
        driver = Driver(
            site=site,
            load=what,
            plan=plan,
            hosts=hosts,
            cutting=Cutting(site, tables),
            sender=sender,
            administrator=administrator,
            operator=Operator(site, url),
            patience=asked.patience,
            tell=tell,
        )
        driver.run()
        sender.end()
        hosts.end()
        found = Evidence(
            begun=begun,
            verify_after=asked.times.verify_after,
            sendings=what.sendings,
            tried_at=sender.tried_at,
            trace=site.service_bus.trace,
            waiting=list(evidence.waiting(site.service_bus)),
            dead=list(evidence.dead(site.service_bus)),
            published=evidence.published(site.service_bus),
            entries=asyncio.run(_entries(site, url, what.stories)),
            posts=list(tenant.posts),
            changes=list(tenant.changes),
            calls=list(site.graph.calls),
            before=before,
            after=evidence.users(tenant),
            log=site.log,
            died=list(hosts.died),
            drained=dict(hosts.ends),
        )
        return Ran(
            asked=asked,
            evidence=found,
            happened=driver.happened,
            drained=hosts.ends,
            out_of_time=driver.out_of_time,
            violations=[*oracle.violations(found), *_indiscretions(site)],
        )


def _indiscretions(site: Site) -> Iterable[Violation]:
    try:
        nobody_is_named(site)
    except AssertionError:
        yield Violation("somebody is named", f"in the log, {site.log.name}")


async def _entries(site: Site, url: str, stories: Sequence[Story]) -> dict[tuple[str, str], Sequence[Entry]]:
    """What the journal has on record about each event, in the order of writing."""
    environment = site.parts.environment(site.journal) | ({"JOURNAL_URL": url} if url else {})
    journal = bootstrap.build_journal(bootstrap.load_settings(environment), SystemClock())
    try:
        records = {story.key: await journal.read(EventId(":".join(story.key))) for story in stories}
    finally:
        await journal.close()
    return {key: record.history.entries for key, record in records.items()}


SHORT: Final = Asked(messages=60, kills=3, cuts=2, seed=1, times=sites.QUICK, patience=timedelta(seconds=100))
"""A run that takes less than half a minute."""
