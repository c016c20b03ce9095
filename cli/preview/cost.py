"""What live runs would cost in requests to Graph. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from cli import words
from shared.graph import budget


@dataclass(frozen=True, slots=True)
class Cost:
    """The requests to Graph that live runs would make, the later look at whether it worked aside."""

    reads: int
    writes: int

    def described(self) -> str:
        """For people; with the time that the quota of writes makes of it."""
        seconds = self.writes // budget.QUOTA * budget.SPAN.total_seconds()
        wait = f", at least {words.counted(int(seconds // 60), 'minute')} under Graph's limits" if seconds >= 60 else ""
        total = self.reads + self.writes
        parts = [
            words.counted(number, what) for number, what in ((self.reads, "read"), (self.writes, "write")) if number
        ]
        of_which = f" ({', '.join(parts)})" if parts else ""
        return f"a live run: {words.counted(total, 'request')} to Graph{of_which}{wait}"

    def as_json(self) -> Mapping[str, int]:
        """The figures."""
        return {"reads": self.reads, "writes": self.writes}
