"""The place where it happens: emulators that keep everything that is sent, and one more than one host can share."""

import dataclasses
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

from cli import hosting
from cli.parts import LocalParts
from emulators.graph.emulator import GraphEmulator
from emulators.servicebus import config
from emulators.servicebus.server import ServiceBusEmulator
from tests.chaos.stories import PROTECTED
from tests.chaos.tenant import WatchedTenant
from tests.e2e.site import Site

HOSTS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """How long a lock lasts, a cut, a SIGSTOP at most; until a record is clear and verified, an event effective at the latest."""

    lock: timedelta
    cut: timedelta
    stop: timedelta
    clears_after: timedelta
    verify_after: timedelta
    ahead: timedelta


USUAL: Final = Times(
    lock=timedelta(seconds=10),
    cut=timedelta(seconds=8),
    stop=timedelta(seconds=12),
    clears_after=timedelta(seconds=1),
    verify_after=timedelta(seconds=20),
    ahead=timedelta(seconds=90),
)
QUICK: Final = Times(
    lock=timedelta(seconds=3),
    cut=timedelta(seconds=2),
    stop=timedelta(seconds=2),
    clears_after=timedelta(seconds=0.3),
    verify_after=timedelta(seconds=3),
    ahead=timedelta(seconds=4),
)
"""For a short run."""


def site(folder: Path, tenant: WatchedTenant, times: Times, *, journal_url: str = "") -> Site:
    """Emulators that were not started, and no host. The topic drops no repeated outcome, so that all of them can be compared."""
    parts = LocalParts(tenant)
    namespace = config.load(hosting.app_directory() / "infra" / "servicebus.json").with_lock_duration(times.lock)
    topics = tuple(dataclasses.replace(topic, duplicate_window=None) for topic in namespace.topics)
    parts.service_bus = ServiceBusEmulator(dataclasses.replace(namespace, topics=topics))
    parts.graph = GraphEmulator(tenant, clears_after=times.clears_after)
    settings = {
        "BLAST_RADIUS_PER_HOUR": "1000000",
        "DIRECTORY_MAX_AGE": "3s",
        "PROTECTED_USERS": f"{PROTECTED}*",
        "RETRY_MAX_DELAY": "4s",
        "VERIFY_AFTER": f"{times.verify_after.total_seconds():g}",
        **({"JOURNAL_URL": journal_url} if journal_url else {}),
    }
    return Site(folder, parts=parts, **settings)
