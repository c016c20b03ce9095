"""Removing from the journal what is older than it is to be kept: by the service itself, a little at a time, once a day.

Knows when, and who of all processes; the journal knows how. Whoever writes the next time into the shared record does it. A failure
is logged and harms nobody: it is tried again the next time.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from shared import ports
from shared.domain.errors import JournalUnavailable
from shared.journal_ports import JournalCleaning

_log: Final = logging.getLogger(__name__)

EVERY: Final = timedelta(days=1)
SOONER: Final = timedelta(minutes=10)
"""After something was removed: there may be more."""
AT_MOST: Final = 200
_BEFORE_ALL: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(slots=True, kw_only=True)
class CleanUp:
    """Removes events of which nothing has happened for `retention`."""

    journal: JournalCleaning
    record: ports.SharedRecord
    clock: ports.Clock
    retention: timedelta
    _next: datetime = field(default=_BEFORE_ALL, init=False)

    async def if_due(self) -> None:
        """Clean up if it is time, and nobody else does; raises nothing."""
        now = self.clock.now()
        if now < self._next:
            return
        try:
            version = await self._claimed(now)
            if version is None:
                return
            removed = await self.journal.remove_older_than(now - self.retention, AT_MOST)
            if removed:
                await self._put_off(now + SOONER, version)
        except Exception as error:  # noqa: BLE001 - the message is settled: nobody else would decide about it
            self._next = max(self._next, now + SOONER)
            known = isinstance(error, JournalUnavailable)  # the text of any other may quote anything
            _log.warning("journal.not_cleaned error=%s text=%s", type(error).__name__, error if known else "")
        else:
            _log.info("journal.cleaned events=%d", removed)

    async def _claimed(self, now: datetime) -> str | None:
        """The version of the record in which this process has put the next time off, or None: it is not time, or another's turn."""
        state = await self.record.read()
        due = _BEFORE_ALL if state is None else _moment(state.text)
        if now < due <= now + EVERY:  # a time further away was written by a clock that was wrong
            self._next = due
            return None
        return await self._put_off(now + EVERY, None if state is None else state.version)

    async def _put_off(self, until: datetime, over: str | None) -> str | None:
        version = await self.record.write(until.isoformat(), over=over)
        self._next = until if version is not None else self._next
        return version


def _moment(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):  # damaged: it is written anew
        return _BEFORE_ALL
