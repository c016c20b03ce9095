"""The quota's record where there is none yet: beside a journal in Table Storage. Each process keeps to its cautious share."""

from shared import ports
from shared.domain.errors import JournalUnavailable


class NoQuotaRecord:
    """A record that is always out of reach."""

    async def read(self) -> ports.RecordState | None:
        """Raise JournalUnavailable."""
        raise JournalUnavailable("quota: the shared record in table storage is not built yet")

    async def write(self, text: str, *, over: str | None) -> str | None:
        """Raise JournalUnavailable."""
        raise JournalUnavailable("quota: the shared record in table storage is not built yet")

    async def close(self) -> None:
        """There is nothing to close."""
