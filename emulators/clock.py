"""The emulators' clock: knows what time it is, and nothing else."""

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Says what time it is, in UTC."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """The time now, aware, in UTC."""
        return datetime.now(UTC)  # noqa: TID251  # this is the clock that the rule asks for


class ManualClock:
    """A clock that stands still until it is advanced."""

    def __init__(self, start: datetime) -> None:
        self._now = start

    def now(self) -> datetime:
        """The time that the clock was started at, plus what it was advanced by."""
        return self._now

    def advance(self, by: timedelta) -> None:
        """Move the clock forward; there is no way back."""
        if by < timedelta(0):
            raise ValueError(f"a clock can't go back: {by}")
        self._now += by
