"""What is asked of the journal beside the recording of events: finding what it holds, and removing what is old. As in ports."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from shared.domain.identifiers import EventId, SerialNumber, UserPrincipalName


class JournalSearch(Protocol):
    """Finding what the journal holds by whom or what it is about: an operator's question, answered within 120 s.

    All give the ids of events, the first two also those of devices' own histories, each once, in no order; and raise
    JournalUnavailable. Case is no difference.
    """

    async def of_user(self, user: UserPrincipalName) -> Sequence[EventId]:
        """What has an entry about a record that named the user."""
        ...

    async def of_serial_number(self, serial_number: SerialNumber) -> Sequence[EventId]:
        """What has an entry about a device with exactly this serial number."""
        ...

    async def of_ticket(self, ticket: str) -> Sequence[EventId]:
        """What has ended, in any run or look, with an outcome event that returns this ticket."""
        ...


class JournalCleaning(Protocol):
    """Removing what is no longer to be kept."""

    async def remove_older_than(self, moment: datetime, at_most: int) -> int:
        """Remove all rows of each event, and of each device's own history, that has no row from that moment on or later.

        How many were removed: at most so many; none means that none was found. Raises JournalUnavailable; some may have been
        removed by then.
        """
        ...
