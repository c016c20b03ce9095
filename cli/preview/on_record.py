"""What a preview learns from the journal and the records beside it, which it reads and never writes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from cli.records import opening
from cli.records.opening import NotThere
from cli.signing_in import signed_in
from shared import blast_radius, bootstrap, ports
from shared.domain.acts import Act
from shared.domain.errors import JournalUnavailable
from shared.domain.events import Action
from shared.domain.history import Entry, Step
from shared.domain.identifiers import AutopilotDeviceId, EventId
from shared.journal import location, sqlite_records
from shared.messaging.conclusion import Conclusion
from shared.recording import of_device
from shared.settings.fields import Settings


class ReadOnly:
    """A journal that is only read, or none: a preview decides nothing that a later run must know. Implements ports.Journal."""

    def __init__(self, journal: ports.Journal | None) -> None:
        self._journal = journal

    async def read(self, event_id: EventId) -> ports.Record:
        """What is on record; nothing, if there is no journal."""
        return ports.Record() if self._journal is None else await self._journal.read(event_id)

    async def append(self, entry: Entry) -> None:
        """Forget it."""

    async def conclude(self, conclusion: Conclusion) -> Conclusion:
        """Nothing else is on record."""
        return conclusion

    async def note(self, act: Act) -> Act:
        """Nothing else is on record."""
        return act


@dataclass(frozen=True, slots=True, kw_only=True)
class OnRecord:
    """The journal, and how many devices may still be unassigned this hour; `unseen` says why neither is known, if so."""

    journal: ReadOnly
    left_this_hour: int | None = None
    unseen: str = ""

    async def restored(self, device: AutopilotDeviceId, action: Action) -> datetime | None:
        """When an operator's undo assigned the device's user again, if nothing came after it. Raises JournalUnavailable."""
        history = (await self.journal.read(of_device(device))).history
        about = [entry for entry in history.entries if entry.action is action]
        return about[-1].at if about and about[-1].step is Step.RESTORED else None


@asynccontextmanager
async def opened(settings: Settings, clock: ports.Clock) -> AsyncIterator[OnRecord]:
    """What is on record; where that is out of reach, nothing, and why. Makes no file and no table."""
    async with opening.looked_into(settings) as journal:
        if isinstance(journal, NotThere):
            yield OnRecord(journal=ReadOnly(None), unseen=journal.why)
            return
        try:
            left = settings.blast_radius_per_hour - await _counted(settings, clock)
        except JournalUnavailable as error:
            yield OnRecord(journal=ReadOnly(journal), unseen=str(error))
            return
        yield OnRecord(journal=ReadOnly(journal), left_this_hour=max(0, left))


async def _counted(settings: Settings, clock: ports.Clock) -> int:
    where = location.parse(settings.journal_url)
    if isinstance(where, location.SqliteFile) and not sqlite_records.beside(where.path).exists():
        return 0  # to be asked, it would be made
    records = bootstrap.build_records(settings, signed_in)
    try:
        state = await records.record(bootstrap.BLAST_RADIUS).read()
        return blast_radius.in_the_last_hour(state, clock.now())
    finally:
        await records.close()
